import { toOutage } from '@agentportal/plugin-agents-node';
import { isError } from '@backstage/errors';

/** The codes of RFC 6749, 8693 and 8707 that this server answers with. */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_target'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'unsupported_token_type'
  | 'temporarily_unavailable';

const STATUS: Partial<Record<OAuthErrorCode, number>> = {
  invalid_client: 401,
  temporarily_unavailable: 503,
};

/** A refusal in the form that OAuth clients understand. */
export class OAuthError extends Error {
  readonly code: OAuthErrorCode;

  constructor(
    code: OAuthErrorCode,
    description: string,
    options?: ErrorOptions,
  ) {
    super(description, options);
    this.name = 'OAuthError';
    this.code = code;
  }

  get status(): number {
    return STATUS[this.code] ?? 400;
  }

  toJSON() {
    return {
      error: this.code,
      // The only characters that RFC 6749 leaves to a description.
      error_description: this.message
        .replace(/["\\]/g, "'")
        .replace(/[^\x20-\x7e]/g, '?'),
    };
  }
}

/**
 * What went wrong, as an OAuth client is told. A part of the portal that is away is never
 * taken for a wrong credential.
 */
export function toOAuthError(thrown: unknown): OAuthError | undefined {
  if (thrown instanceof OAuthError) {
    return thrown;
  }
  const error = toOutage(thrown);
  if (!isError(error)) {
    return undefined;
  }
  switch (error.name) {
    case 'NotAllowedError':
      return new OAuthError('unauthorized_client', error.message, {
        cause: error,
      });
    case 'InputError':
    case 'NotFoundError':
      return new OAuthError('invalid_request', error.message, { cause: error });
    case 'ServiceUnavailableError':
      return new OAuthError(
        'temporarily_unavailable',
        'Agents cannot be looked up at the moment. Try again in some seconds.',
        { cause: error },
      );
    default:
      return undefined;
  }
}
