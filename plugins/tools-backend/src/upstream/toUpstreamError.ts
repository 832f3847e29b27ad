import { isError } from '@backstage/errors';
import {
  ProtocolError,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
} from '@modelcontextprotocol/client';
import { UpstreamError } from './UpstreamError';

const MAX_QUOTE = 300;

const NETWORK_REASONS: Record<string, string> = {
  ECONNREFUSED: 'it refused the connection',
  ECONNRESET: 'it closed the connection',
  UND_ERR_SOCKET: 'it closed the connection',
  EPIPE: 'it closed the connection',
  ENOTFOUND: 'its host name is not known',
  EAI_AGAIN: 'its host name could not be looked up',
  EHOSTUNREACH: 'its host cannot be reached',
  ENETUNREACH: 'its network cannot be reached',
  ETIMEDOUT: 'it did not accept the connection in time',
  UND_ERR_CONNECT_TIMEOUT: 'it did not accept the connection in time',
  CERT_HAS_EXPIRED: 'its TLS certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its TLS certificate is not trusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'its TLS certificate is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its TLS certificate is not trusted',
};

/** Turns whatever the SDK or the network threw into words. */
export function toUpstreamError(error: unknown): UpstreamError {
  const chain = causes(error);
  const own = chain.find(e => e instanceof UpstreamError);
  if (own) {
    return own as UpstreamError;
  }
  for (const cause of chain) {
    const reason = NETWORK_REASONS[String((cause as { code?: unknown }).code)];
    if (reason) {
      return new UpstreamError('unreachable', reason, error);
    }
  }
  const http = chain.find(e => SdkHttpError.isInstance(e));
  if (http) {
    return explainStatus((http as SdkHttpError).status, error);
  }
  const sdk = chain.find(e => SdkError.isInstance(e)) as SdkError | undefined;
  const status = (sdk?.data as { status?: unknown } | undefined)?.status;
  if (typeof status === 'number') {
    return explainStatus(status, error);
  }
  if (sdk) {
    return explainSdk(sdk, error);
  }
  const protocol = chain.find(e => ProtocolError.isInstance(e));
  if (protocol) {
    return new UpstreamError('rejected', `it said: ${quote(protocol)}`, error);
  }
  if (chain.some(e => e.name === 'UnauthorizedError')) {
    return explainStatus(401, error);
  }
  if (chain.some(e => e.name === 'AbortError')) {
    return new UpstreamError('aborted', 'the call was cancelled', error);
  }
  return notMcp(chain[0], error);
}

/**
 * Whether a server forgot a session, and so did not run the call: 404 by the
 * specification, and 400 by many servers. With 400 others refuse what they did read,
 * so there the text has to be about the session.
 */
export function isLostSession(error: unknown): boolean {
  const http = causes(error).find(e => SdkHttpError.isInstance(e)) as
    | SdkHttpError
    | undefined;
  return (
    http?.status === 404 ||
    (http?.status === 400 && /session/i.test(http.message))
  );
}

function notMcp(quoted: Error, error: unknown): UpstreamError {
  // What a parser says of a text repeats the text, which is somebody's page.
  const reason = causes(error).some(e => e.name === 'SyntaxError')
    ? 'no valid JSON'
    : quote(quoted);
  return new UpstreamError(
    'not_mcp',
    `it answered with something that is not MCP (${reason})`,
    error,
  );
}

function explainSdk(sdk: SdkError, error: unknown): UpstreamError {
  switch (sdk.code) {
    case SdkErrorCode.RequestTimeout:
      return new UpstreamError('timeout', 'it did not answer in time', error);
    case SdkErrorCode.ConnectionClosed:
    case SdkErrorCode.NotConnected:
      return new UpstreamError(
        'unreachable',
        'it closed the connection',
        error,
      );
    case SdkErrorCode.UnsupportedResultType:
    case SdkErrorCode.InputRequiredRoundsExceeded:
    case SdkErrorCode.CapabilityNotSupported:
      return new UpstreamError(
        'input_required',
        'it asks a person for more input, which the gateway cannot pass on yet',
        error,
      );
    default:
      return notMcp(sdk, error);
  }
}

function explainStatus(status: number, error: unknown): UpstreamError {
  if (status === 401 || status === 403) {
    return new UpstreamError(
      'unauthorized',
      `it refused the gateway's credentials (HTTP ${status}); check tools.servers.<name>.headers of app-config`,
      error,
    );
  }
  if (status >= 500) {
    return new UpstreamError(
      'http_error',
      `it failed with HTTP ${status}`,
      error,
    );
  }
  return new UpstreamError(
    'not_mcp',
    `it answered with HTTP ${status}; check that the url is its MCP endpoint`,
    error,
  );
}

function causes(error: unknown): Error[] {
  const chain: Error[] = [];
  let next = error;
  while (isError(next) && chain.length < 10) {
    chain.push(next as Error);
    const data = (next as { data?: { cause?: unknown } }).data;
    next = next.cause ?? data?.cause;
  }
  return chain.length > 0 ? chain : [new Error(String(error))];
}

function quote(error: Error): string {
  const text = error.message
    .slice(0, 10 * MAX_QUOTE)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
  return text.length > MAX_QUOTE ? `${text.slice(0, MAX_QUOTE)}…` : text;
}
