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

/** A key that is sent as it is. */
export function keyCredential(headers: Record<string, string>): Credential {
  return { headersFor: () => headers };
}
