import {
  decodeJwt,
  decodeProtectedHeader,
  jwtVerify,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import { isServiceUnavailable } from './IssuerKeys';
import { ASSERTION_ALGORITHMS } from '../oauth/metadata';
import { OAuthError, type OAuthErrorCode } from '../oauth/OAuthError';
import type { UsedAssertions } from './UsedAssertions';

/** Longest time between the making of an assertion and its end. */
const MAX_AGE_SECONDS = 600;
const CLOCK_TOLERANCE_SECONDS = 10;
const MAX_LENGTH = 16_384;

/** What a JWT says of itself and its key, before anybody has checked it. */
export function claimsOf(
  assertion: string,
  code: OAuthErrorCode,
): { iss: string; sub: string; kid?: string } {
  try {
    if (assertion.length <= MAX_LENGTH) {
      const { iss, sub } = decodeJwt(assertion);
      const { kid } = decodeProtectedHeader(assertion);
      if (typeof iss === 'string' && typeof sub === 'string') {
        return { iss, sub, kid };
      }
    }
  } catch {
    // said below
  }
  throw new OAuthError(
    code,
    'The assertion is no signed JWT with the claims iss and sub.',
  );
}

/** Checks an assertion whole: signature, audience, times, and that it was not used before. */
export async function verifyAssertion(
  assertion: string,
  options: {
    keys: JWTVerifyGetKey;
    issuer: string;
    audience: string | string[];
    /** Whether the assertion may be used once only, for which it needs an id. */
    once: boolean;
    used: UsedAssertions;
    code: OAuthErrorCode;
  },
): Promise<JWTPayload> {
  const { code } = options;
  let payload: JWTPayload;
  try {
    ({ payload } = await jwtVerify(assertion, options.keys, {
      algorithms: ASSERTION_ALGORITHMS,
      issuer: options.issuer,
      audience: options.audience,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      requiredClaims: ['exp', 'sub', 'aud', ...(options.once ? ['jti'] : [])],
    }));
  } catch (error) {
    if (isServiceUnavailable(error)) {
      throw error;
    }
    throw new OAuthError(
      code,
      `The assertion cannot be accepted: ${(error as Error).message}.`,
      { cause: error },
    );
  }
  const { iat, jti } = payload;
  // What is made in the future outlives the next rotation of the key that it is of.
  if (iat !== undefined && iat > Date.now() / 1000 + CLOCK_TOLERANCE_SECONDS) {
    throw new OAuthError(
      code,
      'The assertion was made in the future (iat). Set the clock of the client right.',
    );
  }
  if (!options.once) {
    return payload;
  }
  if (typeof jti !== 'string' || !jti) {
    throw new OAuthError(
      code,
      'The id of the assertion (jti) must be a text that is not empty.',
    );
  }
  const expiresAt = (payload.exp ?? 0) * 1000;
  if (
    expiresAt >
    Date.now() + (MAX_AGE_SECONDS + CLOCK_TOLERANCE_SECONDS) * 1000
  ) {
    throw new OAuthError(
      code,
      'The assertion is valid for too long. Let it expire within ten minutes.',
    );
  }
  const fresh = await options.used.use(
    options.issuer,
    jti,
    new Date(expiresAt + CLOCK_TOLERANCE_SECONDS * 1000),
  );
  if (!fresh) {
    throw new OAuthError(
      code,
      'The assertion was used before. Make a new one for each request.',
    );
  }
  return payload;
}
