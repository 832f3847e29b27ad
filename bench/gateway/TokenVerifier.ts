import {
  generateKeyPairSync,
  hash,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import {
  type Account,
  type Authenticator,
  type Caller,
  GatewayError,
} from '@agentportal/model-gateway';

const MAX_REMEMBERED = 10_000;

interface Claims {
  sub: string;
  exp: number;
}

/**
 * Verifies user tokens as Backstage signs them (ES256) and remembers a good one
 * by its digest until it expires, as a data plane does.
 */
export class TokenVerifier implements Authenticator<Claims> {
  readonly #key: KeyObject;
  readonly #accountOf: (userRef: string) => Account;
  readonly #remembered = new Map<string, Caller<Claims>>();

  constructor(options: {
    key: KeyObject;
    accountOf: (userRef: string) => Account;
  }) {
    this.#key = options.key;
    this.#accountOf = options.accountOf;
  }

  async authenticate(request: IncomingMessage): Promise<Caller<Claims>> {
    const token = request.headers.authorization?.slice('Bearer '.length) ?? '';
    const digest = hash('sha256', token, 'base64');
    const known = this.#remembered.get(digest);
    if (known && known.grant.exp * 1000 > Date.now()) {
      return known;
    }
    const claims = this.#verified(token);
    const caller = { grant: claims, account: this.#accountOf(claims.sub) };
    if (this.#remembered.size >= MAX_REMEMBERED) {
      this.#remembered.clear();
    }
    this.#remembered.set(digest, caller);
    return caller;
  }

  #verified(token: string): Claims {
    const [head, payload, signature] = token.split('.');
    const good =
      signature !== undefined &&
      verify(
        'sha256',
        Buffer.from(`${head}.${payload}`),
        { key: this.#key, dsaEncoding: 'ieee-p1363' },
        Buffer.from(signature, 'base64url'),
      );
    const claims = good
      ? (JSON.parse(Buffer.from(payload, 'base64url').toString()) as Claims)
      : undefined;
    if (!claims || claims.exp * 1000 <= Date.now()) {
      throw new GatewayError(
        401,
        'authentication_required',
        'Send a valid token.',
      );
    }
    return claims;
  }
}

/** A key pair, and tokens that it signs. */
export function createTokens() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
  });
  const part = (value: object) =>
    Buffer.from(JSON.stringify(value)).toString('base64url');
  return {
    publicKey,
    issue(userRef: string): string {
      const exp = Math.floor(Date.now() / 1000) + 86_400;
      const text = `${part({ typ: 'vnd.backstage.user', alg: 'ES256' })}.${part(
        { sub: userRef, exp, ent: [userRef], uip: 'x'.repeat(86) },
      )}`;
      const signature = sign('sha256', Buffer.from(text), {
        key: privateKey,
        dsaEncoding: 'ieee-p1363',
      });
      return `${text}.${signature.toString('base64url')}`;
    },
  };
}
