import { hash } from 'node:crypto';
import type {
  BackstageCredentials,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import type { Request } from 'express';
import { LRUCache } from 'lru-cache';

/**
 * How long verified credentials are remembered at most. To verify a signature
 * costs more than the rest of a call.
 */
const REMEMBER_MS = 60_000;
const MAX_REMEMBERED = 5_000;

/** Who sent a request, and a digest of the token to remember decisions by. */
export interface KnownCredentials {
  credentials: BackstageCredentials;
  tokenDigest?: string;
}

/**
 * Verifies credentials and remembers good ones until their token expires, by its
 * digest: the memory of the process holds no index of tokens. Bad ones are never
 * remembered, and tokens that do not tell when they expire are not either.
 */
export class RememberedCredentials {
  readonly #httpAuth: HttpAuthService;
  readonly #remembered = new LRUCache<string, BackstageCredentials>({
    max: MAX_REMEMBERED,
    // The time that tests can move, and that expiry is told in.
    perf: { now: () => Date.now() },
    ttl: REMEMBER_MS,
  });

  constructor(httpAuth: HttpAuthService) {
    this.#httpAuth = httpAuth;
  }

  async credentials(request: Request): Promise<KnownCredentials> {
    const { authorization } = request.headers;
    const tokenDigest =
      authorization && hash('sha256', authorization, 'base64');
    const known = tokenDigest && this.#remembered.get(tokenDigest);
    if (known) {
      return { credentials: known, tokenDigest };
    }
    const credentials = await this.#httpAuth.credentials(request, {
      allow: ['user', 'service'],
    });
    const expiresAt = authorization && expiryOf(authorization);
    if (tokenDigest && expiresAt) {
      const ttl = Math.min(expiresAt - Date.now(), REMEMBER_MS);
      if (ttl > 0) {
        this.#remembered.set(tokenDigest, credentials, { ttl });
      }
    }
    return { credentials, tokenDigest };
  }
}

/** When a JSON web token expires, in ms; it has been verified before. */
function expiryOf(authorization: string): number | undefined {
  const [, payload] = authorization.split('.');
  if (!payload) {
    return undefined;
  }
  try {
    const { exp } = JSON.parse(
      Buffer.from(payload, 'base64url').toString('utf8'),
    ) as { exp?: unknown };
    return typeof exp === 'number' ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}
