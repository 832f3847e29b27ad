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
import { createConditionAuthorizer } from '@backstage/plugin-permission-node';
import type { BudgetScope } from '../budgets/budget';
import type { BudgetOwners } from '../budgets/BudgetOwners';
import { type BudgetResource, budgetResourceRef } from './budgetRules';

/** A budget, or one that is to be made. */
type AskedBudget = { id?: string; scope: BudgetScope };

/** Decides about budgets: one question to the policy, then rules in process. */
export class BudgetDecisions {
  readonly #permissions: PermissionsService;
  readonly #owners: BudgetOwners;
  readonly #authorizer: (
    decision: PolicyDecision,
    resource: BudgetResource | undefined,
  ) => boolean;

  constructor(options: {
    permissions: PermissionsService;
    permissionsRegistry: PermissionsRegistryService;
    owners: BudgetOwners;
  }) {
    this.#permissions = options.permissions;
    this.#owners = options.owners;
    this.#authorizer = createConditionAuthorizer(
      options.permissionsRegistry.getPermissionRuleset(budgetResourceRef),
    );
  }

  /**
   * A test that tells of each budget whether the caller has the permission on it;
   * `never` when there can be none.
   */
  async allower(
    permission: ResourcePermission,
    credentials: BackstageCredentials,
  ): Promise<{
    allows: (budget: AskedBudget) => Promise<boolean>;
    never: boolean;
  }> {
    const [decision] = await this.#permissions.authorizeConditional(
      [{ permission }],
      { credentials },
    );
    return {
      never: decision.result === AuthorizeResult.DENY,
      // The catalog is asked for owners only where the answer depends on them.
      allows: async budget =>
        decision.result === AuthorizeResult.CONDITIONAL
          ? this.#authorizer(decision, {
              ...budget,
              ownerRefs: await this.#owners.ownersOf(budget.scope),
            })
          : decision.result === AuthorizeResult.ALLOW,
    };
  }
}
