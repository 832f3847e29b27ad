import {
  BackstageCredentials,
  BackstageUserPrincipal,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import { parseEntityRef } from '@backstage/catalog-model';
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

/** Finds out who is behind a set of credentials. */
export interface CallerResolver {
  resolve(credentials: BackstageCredentials): Promise<Caller | undefined>;
}

/**
 * Every page of the portal asks for several decisions, and each look-up of
 * groups is a request to the auth backend; the price of remembering is that a
 * change of groups takes effect after this many milliseconds.
 */
const REMEMBER_MS = 30_000;
const REMEMBER_AT_MOST = 5_000;

/**
 * Tells agents, guests, members and admins apart, and remembers the answer for
 * a short while.
 */
export function createCallerResolver(options: {
  userInfo: UserInfoService;
  config: PolicyConfig;
}): CallerResolver {
  const { userInfo, config } = options;
  const known = new Map<string, { expires: number; caller: Promise<Caller> }>();

  async function lookUp(
    ref: string,
    credentials: BackstageCredentials,
  ): Promise<Caller> {
    const { ownershipEntityRefs } = await userInfo.getUserInfo(credentials);
    const ownershipRefs = [...new Set([ref, ...ownershipEntityRefs])];
    return { ref, ownershipRefs, standing: standingOf(ref, ownershipRefs) };
  }

  function standingOf(ref: string, ownershipRefs: string[]): Standing {
    // A guest stays a guest whatever groups it is in, or one line in the
    // catalog would make everyone who can press "Enter" an admin.
    if (config.guestRefs.has(ref)) {
      return 'guest';
    }
    if (ownershipRefs.some(owned => config.adminRefs.has(owned))) {
      return 'admin';
    }
    return ownershipRefs.some(owned => owned !== ref) ? 'member' : 'guest';
  }

  return {
    async resolve(credentials) {
      const ref = userRefOf(credentials);
      if (!ref) {
        return undefined;
      }
      if (parseEntityRef(ref).kind.toLocaleLowerCase('en-US') === 'agent') {
        return { ref, standing: 'agent', ownershipRefs: [ref] };
      }
      const now = Date.now();
      const remembered = known.get(ref);
      if (remembered && remembered.expires > now) {
        return remembered.caller;
      }
      if (known.size >= REMEMBER_AT_MOST) {
        known.clear();
      }
      const caller = lookUp(ref, credentials);
      known.set(ref, { expires: now + REMEMBER_MS, caller });
      caller.catch(() => known.delete(ref));
      return caller;
    },
  };
}

function userRefOf(credentials: BackstageCredentials): string | undefined {
  const principal = credentials.principal as
    | Partial<BackstageUserPrincipal>
    | undefined;
  return principal?.type === 'user' ? principal.userEntityRef : undefined;
}
