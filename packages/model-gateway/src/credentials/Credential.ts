/** A request to a provider, as far as a signature covers it. */
export interface SignedRequest {
  method: 'GET' | 'POST';
  /** Host and port. */
  host: string;
  /** With the query. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body: string | Buffer;
}

/**
 * How a provider knows that it is the portal that calls.
 *
 * @public
 */
export interface Credential {
  /**
   * The headers to send with a request.
   *
   * @throws GatewayError `provider_credentials_rejected` where no token can be had
   */
  headersFor(
    request: SignedRequest,
  ): Record<string, string> | Promise<Record<string, string>>;
  /** What was remembered is refused, so it is asked for anew. */
  forget?(): void;
}

/** How providers of each type want a key. */
const KEY_HEADERS = {
  openai: (key: string) => ({ authorization: `Bearer ${key}` }),
  anthropic: (key: string) => ({ 'x-api-key': key }),
  gemini: (key: string) => ({ 'x-goog-api-key': key }),
};

/**
 * The headers that a key is sent in; none without a key.
 *
 * @param keyHeader - `api-key` where the provider wants that, as Azure does
 */
export function keyHeaders(
  type: keyof typeof KEY_HEADERS,
  apiKey: string | undefined,
  keyHeader: 'bearer' | 'api-key' = 'bearer',
): Record<string, string> {
  if (!apiKey) {
    return {};
  }
  return keyHeader === 'api-key'
    ? { 'api-key': apiKey }
    : KEY_HEADERS[type](apiKey);
}

/** A key that is sent as it is. */
export function keyCredential(headers: Record<string, string>): Credential {
  return { headersFor: () => headers };
}
