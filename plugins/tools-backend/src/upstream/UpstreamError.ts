/** Why a request to an MCP server failed; the codes stand in the call ledger. */
export type UpstreamErrorCode =
  | 'blocked_url'
  | 'unreachable'
  | 'timeout'
  | 'aborted'
  | 'redirect'
  | 'unauthorized'
  | 'http_error'
  | 'too_large'
  | 'not_mcp'
  | 'input_required'
  | 'rejected';

/**
 * A failed request to an MCP server. The message reads as the end of a
 * sentence about the server: "it refused the connection".
 */
export class UpstreamError extends Error {
  readonly code: UpstreamErrorCode;

  constructor(code: UpstreamErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'UpstreamError';
    this.code = code;
  }

  /** Whether the server as a whole seems to be away. */
  get isOutage(): boolean {
    return (
      this.code === 'unreachable' ||
      this.code === 'timeout' ||
      this.code === 'http_error'
    );
  }
}
