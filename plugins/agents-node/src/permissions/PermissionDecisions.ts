import type {
  BackstageCredentials,
  PermissionsRegistryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import {
  AuthorizeResult,
  type PolicyDecision,
  type ResourcePermission,
} from '@backstage/plugin-permission-common';
import {
  createConditionAuthorizer,
  type PermissionResourceRef,
} from '@backstage/plugin-permission-node';
import { LRUCache } from 'lru-cache';

/**
 * How long a decision is remembered for one token and permission. A change of the
 * policy takes at most this long to reach a caller in the middle of a run.
 */
const REMEMBER_MS = 5_000;
const MAX_REMEMBERED = 10_000;

/**
 * A test of resources for one caller and one permission.
 *
 * @public
 */
export interface Allower<TResource> {
  allows(resource: TResource): boolean;
  /** There is no resource that the caller has the permission on. */
  never: boolean;
  /** The caller has the permission on every resource. */
  always: boolean;
}

/**
 * Decides about resources of one type: one question to the permission backend, then
 * the rules of the type in process.
 *
 * @public
 */
export class PermissionDecisions<TResource> {
  readonly #permissions: PermissionsService;
  readonly #authorizer: (
    decision: PolicyDecision,
    resource: TResource | undefined,
  ) => boolean;
  readonly #remembered = new LRUCache<string, Promise<PolicyDecision>>({
    max: MAX_REMEMBERED,
    ttl: REMEMBER_MS,
  });

  constructor(options: {
    permissions: PermissionsService;
    permissionsRegistry: PermissionsRegistryService;
    resourceRef: PermissionResourceRef<TResource, any, string>;
  }) {
    this.#permissions = options.permissions;
    this.#authorizer = createConditionAuthorizer(
      options.permissionsRegistry.getPermissionRuleset(options.resourceRef),
    );
  }

  /**
   * A test that tells of each resource whether the caller has the permission on it.
   *
   * @param token - what to remember the decision by for five seconds; without it
   *   nothing is remembered
   */
  async allower(
    permission: ResourcePermission,
    credentials: BackstageCredentials,
    token?: string,
  ): Promise<Allower<TResource>> {
    const decision = await this.decide(permission, credentials, token);
    return {
      never: decision.result === AuthorizeResult.DENY,
      always: decision.result === AuthorizeResult.ALLOW,
      allows: resource => this.#authorizer(decision, resource),
    };
  }

  /** The decision itself, for lists that turn its conditions into a query. */
  async decide(
    permission: ResourcePermission,
    credentials: BackstageCredentials,
    token?: string,
  ): Promise<PolicyDecision> {
    const ask = async () => {
      const [decision] = await this.#permissions.authorizeConditional(
        [{ permission }],
        { credentials },
      );
      return decision;
    };
    if (!token) {
      return ask();
    }
    const key = `${permission.name}\n${token}`;
    const known = this.#remembered.get(key);
    if (known) {
      return known;
    }
    const decision = ask();
    this.#remembered.set(key, decision);
    decision.catch(() => this.#remembered.delete(key));
    return decision;
  }
}
