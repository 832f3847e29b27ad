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
  const retryAfter = Array.isArray(retryAfterHeader)
    ? retryAfterHeader[0]
    : retryAfterHeader;
  const said = readMessage(body);
  // Google says so with a 400.
  const badKey = status === 400 && /API key not valid/i.test(said);
  if (status === 401 || status === 403 || badKey) {
    return new GatewayError(
      502,
      'provider_credentials_rejected',
      `The provider ${provider} does not accept the portal's credentials; ask the operator to check the key.`,
    );
  }
  if (status === 402 || (status === 429 && /quota|billing/i.test(said))) {
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

function readMessage(body: string): string {
  try {
    const { error, message } = JSON.parse(body) as {
      error?: { message?: unknown } | string;
      message?: unknown;
    };
    const said =
      typeof error === 'object' && error !== null
        ? error.message
        : error ?? message;
    return typeof said === 'string' ? said.slice(0, 1_000) : '';
  } catch {
    return '';
  }
}
