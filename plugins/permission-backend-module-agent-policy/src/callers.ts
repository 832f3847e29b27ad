import type {
  BackstageCredentials,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import { ServiceUnavailableError } from '@backstage/errors';
import { LRUCache } from 'lru-cache';
import type { PolicyConfig } from './policyConfig';

/** Who asks, as the policy tells people apart. */
export type Standing = 'agent' | 'guest' | 'member' | 'admin';

/** The caller that a decision is about. */
export interface Caller {
  /** Entity ref that the caller signed in as. */
  ref: string;
  standing: Standing;
  /** The caller's own ref and the refs of its groups. */
  ownershipRefs: string[];
}

/**
 * Tells guests, members and admins apart, and remembers the answer for
 * a short while: every page of the portal asks for several decisions, and each
 * look-up of groups is a request to the auth backend. The price is that a
 * change of groups takes effect half a minute later.
 */
export class Callers {
  readonly #config: PolicyConfig;
  readonly #known: LRUCache<string, Caller, BackstageCredentials>;

  constructor(options: { userInfo: UserInfoService; config: PolicyConfig }) {
    this.#config = options.config;
    this.#known = new LRUCache({
      max: 5_000,
      ttl: 30_000,
      fetchMethod: async (ref, _stale, { context }) => {
        const info = await options.userInfo.getUserInfo(context);
        const ownershipRefs = [...new Set([ref, ...info.ownershipEntityRefs])];
        const standing = this.#standingOf(ref, ownershipRefs);
        return { ref, standing, ownershipRefs };
      },
    });
  }

  /**
   * A person, by the person's own credentials, or those of an agent that acts for the person.
   */
  async person(
    ref: string,
    credentials: BackstageCredentials,
  ): Promise<Caller> {
    const caller = await this.#known.fetch(ref, { context: credentials });
    if (!caller) {
      throw new ServiceUnavailableError(`Cannot read the groups of ${ref}.`);
    }
    return caller;
  }

  #standingOf(ref: string, ownershipRefs: string[]): Standing {
    const { guestRefs, adminRefs } = this.#config;
    // A guest stays a guest whatever groups it is in, or one line in the
    // catalog would make everyone who can press "Enter" an admin.
    if (guestRefs.has(ref)) {
      return 'guest';
    }
    if (ownershipRefs.some(owned => adminRefs.has(owned))) {
      return 'admin';
    }
    return ownershipRefs.some(owned => owned !== ref) ? 'member' : 'guest';
  }
}
