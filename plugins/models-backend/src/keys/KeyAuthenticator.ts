import type { IncomingMessage } from 'node:http';
import type { Caller } from '@agentportal/model-gateway';
import type { KeyCatalog } from './KeyCatalog';
import { SECRET_PREFIX } from './secrets';
import type { VerifiedKey, VerifiedKeys } from './VerifiedKeys';

/** What the access policy needs to know of a program with a key. */
export interface KeyGrant {
  key: VerifiedKey;
}

const BEARER = /^bearer +(\S+)$/i;

/** Takes keys of programs, and finds out on whose account their calls go. */
export class KeyAuthenticator {
  readonly #keys: VerifiedKeys;
  readonly #catalog: KeyCatalog;

  constructor(options: { keys: VerifiedKeys; catalog: KeyCatalog }) {
    this.#keys = options.keys;
    this.#catalog = options.catalog;
  }

  /** The caller, or `undefined` when the request comes without a key. */
  caller(request: IncomingMessage): Promise<Caller<KeyGrant>> | undefined {
    const secret = secretIn(request);
    return secret === undefined ? undefined : this.#callerWith(secret);
  }

  async #callerWith(secret: string): Promise<Caller<KeyGrant>> {
    const verified = this.#keys.verify(secret);
    const key = verified instanceof Promise ? await verified : verified;
    const { id, ownerRef, systemRef } = key.key;
    const domain = systemRef && this.#catalog.domainOf(systemRef);
    return {
      grant: { key },
      settings: key.settings,
      account: {
        keyId: id,
        ownerRef,
        // What a person's own programs spend, that person spends.
        ...(ownerRef.startsWith('user:') && { userRef: ownerRef }),
        systemRef,
        domainRef: domain instanceof Promise ? await domain : domain,
      },
    };
  }
}

/** As OpenAI's clients send it, or Anthropic's. */
function secretIn({ headers }: IncomingMessage): string | undefined {
  const { authorization } = headers;
  const sent = authorization
    ? BEARER.exec(authorization)?.[1]
    : headers['x-api-key'];
  return typeof sent === 'string' && sent.startsWith(SECRET_PREFIX)
    ? sent
    : undefined;
}
