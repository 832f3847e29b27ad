import type {
  BackstageCredentials,
  PermissionsRegistryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import type {
  PolicyDecision,
  ResourcePermission,
} from '@backstage/plugin-permission-common';
import { createConditionAuthorizer } from '@backstage/plugin-permission-node';
import { type ModelResource, modelResourceRef } from './modelRules';

/**
 * How long a decision is remembered for one token and permission. A change of
 * the policy takes at most this long to reach a caller in the middle of a run.
 */
const REMEMBER_MS = 5_000;
const MAX_REMEMBERED = 5_000;

/** Decides about models: one question to the policy, then rules in process. */
export class ModelDecisions {
  readonly #permissions: PermissionsService;
  readonly #authorizer: (
    decision: PolicyDecision,
    resource: ModelResource | undefined,
  ) => boolean;
  readonly #remembered = new Map<
    string,
    { until: number; decision: Promise<PolicyDecision> }
  >();

  constructor(options: {
    permissions: PermissionsService;
    permissionsRegistry: PermissionsRegistryService;
  }) {
    this.#permissions = options.permissions;
    this.#authorizer = createConditionAuthorizer(
      options.permissionsRegistry.getPermissionRuleset(modelResourceRef),
    );
  }

  /**
   * A test that tells of each model whether the caller has the permission on it.
   *
   * @param token - what to remember the decision by; without it nothing is
   */
  async allower(
    permission: ResourcePermission,
    credentials: BackstageCredentials,
    token?: string,
  ): Promise<(model: ModelResource) => boolean> {
    const decision = await this.#decision(permission, credentials, token);
    return model => this.#authorizer(decision, model);
  }

  #decision(
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
    const now = Date.now();
    const known = this.#remembered.get(key);
    if (known && known.until > now) {
      return known.decision;
    }
    if (this.#remembered.size >= MAX_REMEMBERED) {
      this.#remembered.clear();
    }
    const decision = ask();
    this.#remembered.set(key, { until: now + REMEMBER_MS, decision });
    decision.catch(() => this.#remembered.delete(key));
    return decision;
  }
}
