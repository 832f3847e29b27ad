import type { AgentIdentity } from '@agentportal/plugin-agents-common';

/**
 * Whether a token that an agent uses in its own name came of a credential that was
 * revoked. A token for one plugin does not say of which it came, so all of those that are
 * older than the revocation count; their holder gets a new one with a good credential.
 *
 * @param token - a token that was verified, or the `Authorization` header that it comes in
 * @public
 */
export function isOfRevokedCredential(
  token: string,
  { revokedCredentials = [] }: Pick<AgentIdentity, 'revokedCredentials'>,
): boolean {
  if (!revokedCredentials.length) {
    return false;
  }
  const claims = claimsOf(token);
  const issuedAt = claimsOf(String(claims.obo)).iat ?? claims.iat ?? 0;
  return revokedCredentials.some(({ id, at }) =>
    claims.credential
      ? claims.credential === id
      : issuedAt * 1000 <= Date.parse(at),
  );
}

interface Claims {
  credential?: string;
  iat?: number;
  obo?: string;
}

function claimsOf(token: string): Claims {
  try {
    const payload = Buffer.from(token.split('.')[1], 'base64url');
    return JSON.parse(payload.toString('utf8')) as Claims;
  } catch {
    return {};
  }
}
