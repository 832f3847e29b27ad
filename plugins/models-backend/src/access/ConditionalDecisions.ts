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

/** A test of resources for one caller and one permission. */
export interface Allower<TResource> {
  /** The resource is asked for only where the answer depends on it. */
  allows(resource: () => TResource | Promise<TResource>): Promise<boolean>;
  /** There is no resource that the caller has the permission on. */
  never: boolean;
}

/** Decides about resources: one question to the policy, then rules in process. */
export class ConditionalDecisions<TResource> {
  readonly #permissions: PermissionsService;
  readonly #authorizer: (
    decision: PolicyDecision,
    resource: TResource | undefined,
  ) => boolean;

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

  async allower(
    permission: ResourcePermission,
    credentials: BackstageCredentials,
  ): Promise<Allower<TResource>> {
    const [decision] = await this.#permissions.authorizeConditional(
      [{ permission }],
      { credentials },
    );
    return {
      never: decision.result === AuthorizeResult.DENY,
      allows: async resource =>
        decision.result === AuthorizeResult.CONDITIONAL
          ? this.#authorizer(decision, await resource())
          : decision.result === AuthorizeResult.ALLOW,
    };
  }
}
