import { PermissionDecisions } from '@agentportal/plugin-agents-node';
import {
  budgetReadPermission,
  budgetWritePermission,
} from '@agentportal/plugin-models-common';
import type {
  BackstageCredentials,
  PermissionsRegistryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import type { ResourcePermission } from '@backstage/plugin-permission-common';
import type { BudgetScope } from '../budgets/budget';
import type { BudgetOwners } from '../budgets/BudgetOwners';
import type { BudgetStore } from '../budgets/BudgetStore';
import { budgetResourceRef, budgetRules } from './rules';

/** Decides about budgets and what else is limited by scope. */
export interface BudgetDecisions {
  /** A test of budgets, there already or to be made, for one caller. */
  allower(
    permission: ResourcePermission,
    credentials: BackstageCredentials,
  ): Promise<{
    allows: (budget: { id?: string; scope: BudgetScope }) => Promise<boolean>;
    /** There is no budget that the caller has the permission on. */
    never: boolean;
  }>;
}

/** Tells the permission framework of budgets, and decides about them. */
export function createBudgetAccess(options: {
  store: BudgetStore;
  owners: BudgetOwners;
  permissions: PermissionsService;
  permissionsRegistry: PermissionsRegistryService;
}): BudgetDecisions {
  const { owners, permissions, permissionsRegistry, store } = options;
  permissionsRegistry.addResourceType({
    resourceRef: budgetResourceRef,
    permissions: [budgetReadPermission, budgetWritePermission],
    rules: Object.values(budgetRules),
    getResources: async refs => {
      const found = new Map(
        (await store.list()).map(budget => [budget.id, budget]),
      );
      return Promise.all(
        refs.map(async ref => {
          const budget = found.get(ref);
          return (
            budget && {
              ...budget,
              ownerRefs: await owners.knownOwnersOf(budget.scope),
            }
          );
        }),
      );
    },
  });
  const decisions = new PermissionDecisions({
    permissions,
    permissionsRegistry,
    resourceRef: budgetResourceRef,
  });
  return {
    async allower(permission, credentials) {
      const { allows, always, never } = await decisions.allower(
        permission,
        credentials,
      );
      return {
        never,
        // The catalog is asked for owners only where the answer depends on them.
        allows: async budget =>
          always ||
          (!never &&
            allows({
              ...budget,
              ownerRefs: await owners.knownOwnersOf(budget.scope),
            })),
      };
    },
  };
}
