import { GatewayError, type GatewayErrorCode } from '../errors';

/** The request timed out, or met another one; it may pass a moment later. */
const PASSING_STATUS: ReadonlySet<number> = new Set([408, 409, 425]);
const BAD_KEY = /API key not valid/i;
/** Some call a limit per minute a quota; only money is told by these words. */
const NO_MONEY = /billing|credit balance|insufficient balance/gi;
/** No provider is believed that it wants to be left alone for longer. */
const LONGEST_WAIT_S = 24 * 3_600;

/**
 * Turns an error answer of a provider into ours. What the caller can mend keeps
 * its status and the provider's words; what only the operator can mend becomes a
 * 502 without the provider's words, which may quote a part of the key.
 *
 * @param asked - the request, which a refusal may quote
 */
export function providerFailure(
  provider: string,
  status: number,
  body: string,
  retryAfterHeader?: string | string[],
  asked: string | Buffer = '',
): GatewayError {
  const { code, retryDelay, said, type } = readError(body);
  const cause = { cause: new Error(withoutSecrets(said)) };
  const retryAfter = readWait([retryAfterHeader].flat()[0] ?? retryDelay);
  // Google says so with a 400.
  const badKey = status === 400 && saysItself(said, BAD_KEY, asked);
  if (status === 401 || badKey) {
    return new GatewayError(
      502,
      'provider_credentials_rejected',
      `The provider ${provider} does not accept the portal's credentials; ask the operator to check the key.`,
      cause,
    );
  }
  const outOfMoney =
    [code, type].includes('insufficient_quota') ||
    (retryAfter === undefined &&
      saysItself(said, NO_MONEY, status === 400 ? asked : ''));
  if (status === 402 || ([400, 429].includes(status) && outOfMoney)) {
    return new GatewayError(
      502,
      'provider_quota_exhausted',
      `The portal's account at ${provider} has no quota left; ask the operator to check its billing.`,
      cause,
    );
  }
  if (status === 429) {
    return new GatewayError(
      429,
      'provider_rate_limited',
      `The provider ${provider} limits the rate of calls; try again${
        retryAfter ? ` in ${retryAfter} s` : ' later'
      }.`,
      { retryAfter, ...cause },
    );
  }
  if (status >= 500 || status < 400 || PASSING_STATUS.has(status)) {
    return new GatewayError(
      502,
      'provider_error',
      `The provider ${provider} failed with status ${status}; try again.`,
      { retryAfter, ...cause },
    );
  }
  return new GatewayError(
    status === 403 ? 502 : status,
    refusalCode(status, said, [code, type]),
    `${provider} refused the request: ${
      (status === 403 ? withoutSecrets(said) : said) || `status ${status}`
    }`,
    cause,
  );
}

/**
 * Whether a provider says some words of its own accord. What refuses a request may quote
 * it, and whoever writes such words into one must not take the provider from everybody.
 */
function saysItself(
  said: string,
  words: RegExp,
  asked: string | Buffer,
): boolean {
  const found = said.match(words) ?? [];
  if (found.length === 0) {
    return false;
  }
  const text = typeof asked === 'string' ? asked : asked.toString('latin1');
  const written = text
    // Names may be written with escapes.
    .replace(/\\u00([0-7][0-9a-f])/gi, (_, code) =>
      String.fromCharCode(parseInt(code, 16)),
    )
    .toLowerCase();
  return found.some(word => !written.includes(word.toLowerCase()));
}

/** Providers tell these in words, where they have no code for it. */
const CONTEXT =
  /context (length|window|size)|maximum context|prompt is too long|too many (input )?tokens|input token count/i;
const FILTERED =
  /content (management )?policy|content filter|safety (system|policies)|flagged|moderation/i;

/** What another model might do better; what is left is for the caller to mend. */
function refusalCode(
  status: number,
  said: string,
  codes: unknown[],
): GatewayErrorCode {
  if (
    codes.includes('content_filter') ||
    codes.includes('content_policy_violation') ||
    FILTERED.test(said)
  ) {
    return 'provider_content_filtered';
  }
  if (status === 403) {
    return 'provider_forbidden';
  }
  if (
    status === 413 ||
    codes.includes('context_length_exceeded') ||
    CONTEXT.test(said)
  ) {
    return 'provider_context_exceeded';
  }
  return status === 404 &&
    (codes.includes('model_not_found') || /model|deployment/i.test(said))
    ? 'provider_model_missing'
    : 'provider_refused_request';
}

/** What a provider says, for the operator, without what may be part of a key. */
function withoutSecrets(said: string): string {
  return said
    .slice(0, 300)
    .replace(/[\w*.-]{8,}/g, word => (/[\d*]/.test(word) ? '[hidden]' : word));
}

interface ProviderError {
  said: string;
  code?: unknown;
  type?: unknown;
  /** Seconds; Google tells them here and not in a header. */
  retryDelay?: string;
}

function readError(body: string): ProviderError {
  try {
    const { error, message } = JSON.parse(body) as {
      error?:
        | {
            message?: unknown;
            code?: unknown;
            type?: unknown;
            details?: unknown;
          }
        | string;
      message?: unknown;
    };
    const told =
      typeof error === 'object' && error !== null ? error : undefined;
    const said = told ? told.message : error ?? message;
    return {
      said: typeof said === 'string' ? said.slice(0, 1_000) : '',
      code: told?.code,
      type: told?.type,
      retryDelay: readRetryDelay(told?.details),
    };
  } catch {
    return { said: '' };
  }
}

/**
 * The wait that a `Retry-After` header asks for, in whole seconds.
 * Source: RFC 9110 section 10.2.3 (seconds or a date).
 */
function readWait(header: string | undefined): string | undefined {
  if (header === undefined) {
    return undefined;
  }
  const told = Number(header);
  const seconds = Number.isFinite(told)
    ? told
    : (Date.parse(header) - Date.now()) / 1_000;
  return Number.isFinite(seconds)
    ? String(Math.min(Math.max(0, Math.ceil(seconds)), LONGEST_WAIT_S))
    : undefined;
}

/** From a `google.rpc.RetryInfo`: "31.5s". */
function readRetryDelay(details: unknown): string | undefined {
  const delays = (Array.isArray(details) ? details : []).map(detail =>
    /^(\d+)(?:\.\d+)?s$/.exec(String(detail?.retryDelay)),
  );
  const found = delays.find(delay => delay !== null);
  return found ? String(Number(found[1]) + 1) : undefined;
}
