import { timingSafeEqual } from 'node:crypto';
import { type CallSettings, GatewayError } from '@agentportal/model-gateway';
import { DEFAULT_DATA_CLASSIFICATION } from '@agentportal/plugin-agents-common';
import { NotFoundError } from '@backstage/errors';
import { LRUCache } from 'lru-cache';
import { dayOf, type KeySecret, type ModelKey } from './key';
import type { KeyStore } from './KeyStore';
import { type ReadSecret, readSecret } from './secrets';

/**
 * What this process knows of keys is good for so long; then it asks whether any
 * key has changed. Below a second, which is what a revoked key has left.
 */
const FRESH_MS = 900;
/** From then on it asks ahead, so that under load no call waits for the answer. */
const ASK_AHEAD_MS = 450;

const MAX_ACCEPTED = 50_000;
/** Those who try what is no key must not drive out those who have one. */
const MAX_REFUSED = 1_000;

const UNKNOWN =
  'There is no such key. Look at the list of keys in the portal, or make a new one.';

/** A key whose secret was shown, and what its calls need to know of it. */
export interface VerifiedKey {
  key: ModelKey;
  secretId: number;
  /** ms since the epoch. */
  endsAt: number;
  models: ReadonlySet<string>;
  settings: CallSettings;
}

interface Known extends VerifiedKey {
  /** Why the key does not count any more once it has ended. */
  ended: string;
  usedOn: number;
}

/**
 * Checks secrets of keys. A secret that was checked before costs a digest and a
 * look into a map; the database is asked once or twice a second in all, whether
 * any key has changed, and if so everything is looked up anew.
 */
export class VerifiedKeys {
  readonly #store: KeyStore;
  readonly #accepted = new LRUCache<string, Known>({ max: MAX_ACCEPTED });
  readonly #refused = new LRUCache<string, string>({ max: MAX_REFUSED });
  readonly #lookUps = new Map<string, Promise<VerifiedKey>>();
  #version?: number;
  #askedAt = -Infinity;
  #asking?: Promise<void>;

  constructor(store: KeyStore) {
    this.#store = store;
  }

  /**
   * The key that a secret belongs to. Throws a {@link GatewayError} with 401 for
   * one that does not count; what else it throws is a fault of ours.
   */
  verify(text: string): VerifiedKey | Promise<VerifiedKey> {
    const secret = readSecret(text);
    if (!secret) {
      throw refusal(
        'This is not a whole key: it is cut off or has a wrong character. Copy it again.',
      );
    }
    const stale = this.#fresh();
    return stale ? stale.then(() => this.#known(secret)) : this.#known(secret);
  }

  /** Looks everything up anew, after a change of this process's own. */
  async afterChange(): Promise<void> {
    await this.#asking?.catch(() => {});
    await this.#ask();
  }

  #known(secret: ReadSecret): VerifiedKey | Promise<VerifiedKey> {
    const known = this.#accepted.get(secret.digest);
    if (known) {
      return this.#use(known);
    }
    const why = this.#refused.get(secret.digest);
    if (why !== undefined) {
      throw refusal(why);
    }
    let lookUp = this.#lookUps.get(secret.digest);
    if (!lookUp) {
      lookUp = this.#lookUp(secret).finally(() => {
        if (this.#lookUps.get(secret.digest) === lookUp) {
          this.#lookUps.delete(secret.digest);
        }
      });
      this.#lookUps.set(secret.digest, lookUp);
    }
    return lookUp;
  }

  #use(known: Known): VerifiedKey {
    const now = Date.now();
    if (now >= known.endsAt) {
      throw refusal(known.ended);
    }
    const day = dayOf(now);
    if (known.usedOn < day) {
      known.usedOn = day;
      // Nobody waits for it, and a day that is lost comes again with the next use.
      this.#store.touch(known.secretId, day).catch(() => {
        known.usedOn = 0;
      });
    }
    return known;
  }

  async #lookUp(secret: ReadSecret): Promise<VerifiedKey> {
    const version = this.#version;
    const found = await this.#find(secret);
    // A change in the meantime may have come too late to be in what was read.
    const keep = version === this.#version;
    if (typeof found === 'string') {
      if (keep) {
        this.#refused.set(secret.digest, found);
      }
      throw refusal(found);
    }
    if (keep) {
      this.#accepted.set(secret.digest, found);
    }
    return this.#use(found);
  }

  async #find(secret: ReadSecret): Promise<Known | string> {
    let key: ModelKey;
    try {
      key = await this.#store.get(secret.keyId);
    } catch (error) {
      if (error instanceof NotFoundError) {
        return UNKNOWN;
      }
      throw error;
    }
    const mine = (await this.#store.secretsOf([key.id])).find(each =>
      sameDigest(each.digest, secret.digest),
    );
    if (!mine) {
      return UNKNOWN;
    }
    if (key.revokedAt !== undefined) {
      return `This key was revoked on ${dateOf(key.revokedAt)} by ${
        key.revokedBy
      }. Ask ${key.ownerRef} for another one.`;
    }
    return toKnown(key, mine);
  }

  /** Resolves once what is known is fresh; `undefined` while it is. */
  #fresh(): Promise<void> | undefined {
    const age = performance.now() - this.#askedAt;
    if (age < ASK_AHEAD_MS) {
      return undefined;
    }
    const asking = this.#ask();
    if (age >= FRESH_MS) {
      return asking;
    }
    // It fails for whoever has to wait for it.
    asking.catch(() => {});
    return undefined;
  }

  #ask(): Promise<void> {
    this.#asking ??= this.#readVersion().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #readVersion(): Promise<void> {
    const askedAt = performance.now();
    const version = await this.#store.version();
    if (version !== this.#version) {
      this.#version = version;
      this.#accepted.clear();
      this.#refused.clear();
      this.#lookUps.clear();
    }
    this.#askedAt = askedAt;
  }
}

function toKnown(key: ModelKey, secret: KeySecret): Known {
  const keyEnds = key.expiresAt ?? Infinity;
  const secretEnds = secret.endsAt ?? Infinity;
  return {
    key,
    secretId: secret.id,
    endsAt: Math.min(keyEnds, secretEnds),
    ended:
      secretEnds < keyEnds
        ? `This secret was replaced by a newer one and ended on ${dateOf(
            secretEnds,
          )}; use the newer one.`
        : `This key expired on ${dateOf(keyEnds)}. Ask ${
            key.ownerRef
          } for another one.`,
    usedOn: secret.lastUsedOn ?? 0,
    models: new Set(key.models),
    settings: {
      dataClassification: key.dataClassification ?? DEFAULT_DATA_CLASSIFICATION,
    },
  };
}

function sameDigest(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a, 'hex'), Buffer.from(b, 'hex'));
}

function dateOf(at: number): string {
  return Number.isFinite(at) ? new Date(at).toISOString().slice(0, 10) : '';
}

function refusal(message: string): GatewayError {
  return new GatewayError(401, 'invalid_api_key', message);
}
