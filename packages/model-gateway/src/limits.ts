/**
 * How much a caller may send and how long a call may take.
 *
 * @public
 */
export interface GatewayLimits {
  maxRequestBytes: number;
  /** For the request to arrive. */
  requestTimeoutMs: number;
  /** For the whole call, all attempts and the last byte included. */
  callTimeoutMs: number;
  /**
   * Largest answer in tokens where a budget applies and neither the caller nor
   * the model names one. Default is 4096.
   */
  outputCap?: number;
}

/**
 * The limits unless the operator says otherwise.
 *
 * @public
 */
export const DEFAULT_LIMITS: GatewayLimits = {
  maxRequestBytes: 20 * 1024 * 1024,
  requestTimeoutMs: 30_000,
  callTimeoutMs: 10 * 60_000,
};
