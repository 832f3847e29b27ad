import type {
  BackstageCredentials,
  PermissionsRegistryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import {
  AuthorizeResult,
  type PermissionCriteria,
  type PolicyDecision,
  type ResourcePermission,
} from '@backstage/plugin-permission-common';
import {
  type ConditionTransformer,
  createConditionAuthorizer,
  createConditionTransformer,
} from '@backstage/plugin-permission-node';
import { type KeyFilter, type KeyResource, keyResourceRef } from './keyRules';

/** Decides about keys: one question to the policy, then rules in process. */
export class KeyDecisions {
  readonly #permissions: PermissionsService;
  readonly #authorizer: (
    decision: PolicyDecision,
    resource: KeyResource | undefined,
  ) => boolean;
  readonly #transformer: ConditionTransformer<KeyFilter>;

  constructor(options: {
    permissions: PermissionsService;
    permissionsRegistry: PermissionsRegistryService;
  }) {
    this.#permissions = options.permissions;
    const rules =
      options.permissionsRegistry.getPermissionRuleset(keyResourceRef);
    this.#authorizer = createConditionAuthorizer(rules);
    this.#transformer = createConditionTransformer(rules);
  }

  /** A test that tells of each key whether the caller has the permission on it. */
  async allower(
    permission: ResourcePermission,
    credentials: BackstageCredentials,
  ): Promise<(key: KeyResource) => boolean> {
    const decision = await this.#decision(permission, credentials);
    return key => this.#authorizer(decision, key);
  }

  /**
   * What keys a list may have: `never` any, or those that the criteria let
   * through, or all.
   */
  async filter(
    permission: ResourcePermission,
    credentials: BackstageCredentials,
  ): Promise<{ never: boolean; criteria?: PermissionCriteria<KeyFilter> }> {
    const decision = await this.#decision(permission, credentials);
    return {
      never: decision.result === AuthorizeResult.DENY,
      criteria:
        decision.result === AuthorizeResult.CONDITIONAL
          ? this.#transformer(decision.conditions)
          : undefined,
    };
  }

  async #decision(
    permission: ResourcePermission,
    credentials: BackstageCredentials,
  ): Promise<PolicyDecision> {
    const [decision] = await this.#permissions.authorizeConditional(
      [{ permission }],
      { credentials },
    );
    return decision;
  }
}
