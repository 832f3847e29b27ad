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
   * Largest answer in tokens where the caller names none and a budget has no room
   * for the longest that the model can give. Default is 4096.
   */
  outputCap?: number;
  /**
   * How long the answer of a provider is read on for what it cost, once its caller
   * has gone away. Default is 2000; with 0 it is broken off at once.
   */
  readOnMs?: number;
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
