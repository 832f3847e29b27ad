/**
 * Why a call did not succeed, as a stable code that programs may rely on.
 *
 * @public
 */
export type GatewayErrorCode =
  | 'invalid_request'
  | 'request_too_large'
  | 'authentication_required'
  | 'invalid_api_key'
  | 'access_denied'
  | 'not_found'
  | 'model_not_found'
  | 'model_unavailable'
  | 'operation_not_supported'
  | 'provider_unreachable'
  | 'provider_timeout'
  | 'provider_rate_limited'
  | 'provider_quota_exhausted'
  | 'provider_credentials_rejected'
  | 'provider_error'
  | 'provider_bad_answer'
  | 'provider_refused_request'
  | 'provider_forbidden'
  | 'provider_model_missing'
  | 'provider_context_exceeded'
  | 'provider_content_filtered'
  | 'provider_stream_cut'
  | 'client_gone'
  | 'superseded'
  | 'budget_exceeded'
  | 'price_unknown'
  | 'rate_limited'
  | 'ledger_unavailable'
  | 'authentication_unavailable'
  | 'access_unavailable'
  | 'catalog_unavailable'
  | 'gateway_unavailable';

/**
 * A failure with everything that the OpenAI error object needs.
 *
 * @public
 */
export class GatewayError extends Error {
  readonly status: number;
  readonly code: GatewayErrorCode;
  /** Seconds, passed on to the caller as `Retry-After`. */
  readonly retryAfter?: string;
  /** Further members of the error object, for programs. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Further headers of the answer. */
  readonly headers?: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: GatewayErrorCode,
    message: string,
    options?: {
      retryAfter?: string;
      details?: Record<string, unknown>;
      headers?: Record<string, string>;
      cause?: unknown;
    },
  ) {
    super(message, { cause: options?.cause });
    this.name = 'GatewayError';
    this.status = status;
    this.code = code;
    this.retryAfter = options?.retryAfter;
    this.details = options?.details;
    this.headers = options?.headers;
  }
}

/**
 * The gateway's own fault, whatever it was: always 503 and never 401, because
 * a caller with good credentials must not be told that they are bad.
 */
export function ownFault(error: unknown): GatewayError {
  return error instanceof GatewayError
    ? error
    : new GatewayError(
        503,
        'gateway_unavailable',
        'The model gateway had a fault of its own; try again in a moment.',
        { cause: error },
      );
}

/** What the caller has to write otherwise. */
export function invalidRequest(message: string): GatewayError {
  return new GatewayError(400, 'invalid_request', message);
}

/** The OpenAI error object of a failure. */
export function toErrorBody(error: GatewayError) {
  return {
    error: {
      message: error.message,
      type: errorType(error.status),
      code: error.code,
      param: null,
      ...error.details,
    },
  };
}

function errorType(status: number): string {
  if (status === 401) {
    return 'authentication_error';
  }
  if (status === 402) {
    return 'insufficient_quota';
  }
  if (status === 403) {
    return 'permission_error';
  }
  if (status === 429) {
    return 'rate_limit_error';
  }
  return status < 500 ? 'invalid_request_error' : 'server_error';
}
