import type { AuthService } from '@backstage/backend-plugin-api';
import { isError } from '@backstage/errors';
import { tokenTypes } from '@backstage/plugin-auth-node';
import {
  principalOf,
  tokenDigestOf,
  type TokenKeys,
} from '@agentportal/plugin-agents-node';
import {
  createLocalJWKSet,
  decodeJwt,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  jwtVerify,
} from 'jose';

const MAX_LENGTH = 16_384;

/** A token that somebody shows, after its signature and times were checked. */
export interface ShownToken {
  /** `agent:…`, `delegation:…` or `user:…`. */
  subject: string;
  issuedAt?: number;
  expiresAt: number;
  /** The one plugin that takes the token, if it is one. */
  plugin?: string;
  /** By what it is remembered when it is revoked. */
  digest: string;
}

/** Reads a token that this portal issued; anything else is `undefined`. */
export async function readShownToken(
  token: string,
  auth: AuthService,
  keys: TokenKeys,
): Promise<ShownToken | undefined> {
  if (token.length > MAX_LENGTH) {
    return undefined;
  }
  let claims: JWTPayload;
  try {
    claims = decodeJwt(token);
  } catch {
    return undefined;
  }
  // A token for one plugin holds one of the agent inside. The outside was made here, for
  // that plugin, which alone would verify it by itself.
  const inner = typeof claims.obo === 'string' ? claims.obo : undefined;
  try {
    if (inner) {
      await requireOwnSignature(token, auth);
    }
    const principal = principalOf(
      await keys.check(inner ?? token, () =>
        auth.authenticate(inner ?? token, {
          allowLimitedAccess: inner !== undefined,
        }),
      ),
    );
    if (principal.type !== 'user' || principal.actor) {
      return undefined;
    }
    const { iat, exp = 0 } = inner ? decodeJwt(inner) : claims;
    return {
      subject: principal.userEntityRef,
      issuedAt: iat,
      expiresAt: Math.min(exp, claims.exp ?? exp),
      ...(inner && { plugin: String(claims.aud) }),
      digest: tokenDigestOf(token),
    };
  } catch (error) {
    if (
      error instanceof errors.JOSEError ||
      (isError(error) && error.name === 'AuthenticationError')
    ) {
      return undefined;
    }
    throw error;
  }
}

async function requireOwnSignature(
  token: string,
  auth: AuthService,
): Promise<void> {
  const keys = await auth.listPublicServiceKeys();
  await jwtVerify(token, createLocalJWKSet(keys as JSONWebKeySet), {
    typ: tokenTypes.plugin.typParam,
    requiredClaims: ['aud', 'exp'],
  });
}
