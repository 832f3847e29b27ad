import { GatewayError } from '../errors';

/**
 * Turns an error answer of a provider into ours. What the caller can mend keeps
 * its status and the provider's words; what only the operator can mend becomes a
 * 502 without the provider's words, which may quote a part of the key.
 */
export function providerFailure(
  provider: string,
  status: number,
  body: string,
  retryAfterHeader?: string | string[],
): GatewayError {
  const { code, retryDelay, said } = readError(body);
  const retryAfter =
    (Array.isArray(retryAfterHeader)
      ? retryAfterHeader[0]
      : retryAfterHeader) ?? retryDelay;
  // Google says so with a 400.
  const badKey = status === 400 && /API key not valid/i.test(said);
  if (status === 401 || status === 403 || badKey) {
    return new GatewayError(
      502,
      'provider_credentials_rejected',
      `The provider ${provider} does not accept the portal's credentials; ask the operator to check the key.`,
    );
  }
  // Some call a limit per minute a quota; one that ends soon is a limit of the rate.
  const outOfMoney =
    code === 'insufficient_quota' ||
    (retryAfter === undefined && /quota|billing/i.test(said));
  if (status === 402 || (status === 429 && outOfMoney)) {
    return new GatewayError(
      502,
      'provider_quota_exhausted',
      `The portal's account at ${provider} has no quota left; ask the operator to check its billing.`,
    );
  }
  if (status === 429) {
    return new GatewayError(
      429,
      'provider_rate_limited',
      `The provider ${provider} limits the rate of calls; try again${
        retryAfter ? ` in ${retryAfter} s` : ' later'
      }.`,
      { retryAfter },
    );
  }
  if (status >= 500 || status < 400) {
    return new GatewayError(
      502,
      'provider_error',
      `The provider ${provider} failed with status ${status}; try again.`,
      { retryAfter },
    );
  }
  return new GatewayError(
    status,
    'provider_refused_request',
    `${provider} refused the request: ${said || `status ${status}`}`,
  );
}

interface ProviderError {
  said: string;
  code?: unknown;
  /** Seconds; Google tells them here and not in a header. */
  retryDelay?: string;
}

function readError(body: string): ProviderError {
  try {
    const { error, message } = JSON.parse(body) as {
      error?: { message?: unknown; code?: unknown; details?: unknown } | string;
      message?: unknown;
    };
    const told =
      typeof error === 'object' && error !== null ? error : undefined;
    const said = told ? told.message : error ?? message;
    return {
      said: typeof said === 'string' ? said.slice(0, 1_000) : '',
      code: told?.code,
      retryDelay: readRetryDelay(told?.details),
    };
  } catch {
    return { said: '' };
  }
}

/** From a `google.rpc.RetryInfo`: "31.5s". */
function readRetryDelay(details: unknown): string | undefined {
  const delays = (Array.isArray(details) ? details : []).map(detail =>
    /^(\d+)(?:\.\d+)?s$/.exec(String(detail?.retryDelay)),
  );
  const found = delays.find(delay => delay !== null);
  return found ? String(Number(found[1]) + 1) : undefined;
}
