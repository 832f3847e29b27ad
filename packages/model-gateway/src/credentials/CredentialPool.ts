import { GatewayError, type GatewayErrorCode } from '../errors';
import type { Clock } from '../ports';
import { toldWaitMs } from '../routing/breaker/faultClass';
import type { Credential } from './Credential';

/**
 * One of several credentials of a provider.
 *
 * @public
 */
export interface PooledCredential {
  credential: Credential;
  /** Its share beside the others. Default is 1. */
  weight?: number;
  /** Of this process; without it there is no limit but the provider's. */
  requestsPerMinute?: number;
}

interface Member extends PooledCredential {
  /** Milliseconds since the epoch. */
  restsUntil: number;
  /** When the next request is due, if they came at the pace of the limit. */
  dueAt: number;
}

/** Faults of one credential that another need not have. */
const ITS_OWN: ReadonlySet<GatewayErrorCode> = new Set([
  'provider_credentials_rejected',
  'provider_quota_exhausted',
  'provider_rate_limited',
]);

/** How long a credential is left alone after such a fault. */
const REST_MS = 60_000;
const MINUTE_MS = 60_000;
/** So much of a minute's requests may come at once. */
const BURST = 0.1;

/**
 * The credentials of a provider. Each request goes out with one that has room, by
 * their weights; one that was refused is left alone for a while.
 */
export class CredentialPool {
  readonly #clock: Clock;
  readonly #members: Member[];
  readonly #random: () => number;

  constructor(options: {
    credentials: readonly PooledCredential[];
    clock: Clock;
    /** From 0 to below 1. Tests set it. */
    random?: () => number;
  }) {
    this.#clock = options.clock;
    this.#random = options.random ?? Math.random;
    this.#members = options.credentials.map(each => ({
      ...each,
      restsUntil: 0,
      dueAt: 0,
    }));
  }

  /**
   * Calls with one credential after another until one is not refused for its own
   * sake: a request that was refused has cost nothing.
   */
  async use<T>(call: (credential: Credential) => Promise<T>): Promise<T> {
    const tried = new Set<Member>();
    for (;;) {
      const member = this.#pick(tried);
      tried.add(member);
      try {
        return await withFreshToken(member.credential, call);
      } catch (error) {
        if (!this.#isItsOwn(member, error) || !this.#hasOther(tried)) {
          throw error;
        }
      }
    }
  }

  #pick(tried: ReadonlySet<Member>): Member {
    const now = this.#clock.now();
    const left = this.#members.filter(member => !tried.has(member));
    // A provider whose credentials all rest is asked all the same: what is left
    // alone as a whole is for the breaker to say.
    const awake = left.filter(({ restsUntil }) => restsUntil <= now);
    const candidates = awake.length > 0 ? awake : left;
    const free = candidates.filter(member => waitOf(member, now) <= 0);
    if (free.length === 0) {
      const waitMs = Math.min(...candidates.map(each => waitOf(each, now)));
      const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
      throw new GatewayError(
        429,
        'provider_rate_limited',
        `The credentials of the provider have made as many requests as they may; try again in ${seconds} s.`,
        { retryAfter: String(seconds) },
      );
    }
    const member = this.#byWeight(free);
    if (member.requestsPerMinute) {
      member.dueAt =
        Math.max(member.dueAt, now) + MINUTE_MS / member.requestsPerMinute;
    }
    return member;
  }

  #byWeight(members: Member[]): Member {
    const weights = members.map(({ weight = 1 }) => weight);
    let at = this.#random() * weights.reduce((sum, weight) => sum + weight, 0);
    const index = weights.findIndex(weight => {
      at -= weight;
      return at < 0;
    });
    return members[Math.max(0, index)];
  }

  #hasOther(tried: ReadonlySet<Member>): boolean {
    const now = this.#clock.now();
    return this.#members.some(
      member =>
        !tried.has(member) &&
        member.restsUntil <= now &&
        waitOf(member, now) <= 0,
    );
  }

  #isItsOwn(member: Member, error: unknown): boolean {
    if (!(error instanceof GatewayError) || !ITS_OWN.has(error.code)) {
      return false;
    }
    if (this.#members.length > 1) {
      member.restsUntil = this.#clock.now() + (toldWaitMs(error) ?? REST_MS);
    }
    return true;
  }
}

/** A token may have been withdrawn before its time. */
async function withFreshToken<T>(
  credential: Credential,
  call: (credential: Credential) => Promise<T>,
): Promise<T> {
  try {
    return await call(credential);
  } catch (error) {
    if (
      credential.forget &&
      error instanceof GatewayError &&
      error.code === 'provider_credentials_rejected'
    ) {
      credential.forget();
      return call(credential);
    }
    throw error;
  }
}

/** A request may come so much early as a short burst allows. */
function waitOf({ dueAt, requestsPerMinute }: Member, now: number): number {
  return requestsPerMinute ? dueAt - now - BURST * MINUTE_MS : 0;
}
