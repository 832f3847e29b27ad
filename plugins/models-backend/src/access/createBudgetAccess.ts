import {
  budgetReadPermission,
  budgetWritePermission,
} from '@agentportal/plugin-models-common';
import type {
  PermissionsRegistryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import type { BudgetOwners } from '../budgets/BudgetOwners';
import type { BudgetStore } from '../budgets/BudgetStore';
import { BudgetDecisions } from './BudgetDecisions';
import { budgetResourceRef, budgetRules } from './budgetRules';

/** Tells the permission framework of budgets, and decides about them. */
export function createBudgetAccess(options: {
  store: BudgetStore;
  owners: BudgetOwners;
  permissions: PermissionsService;
  permissionsRegistry: PermissionsRegistryService;
}): BudgetDecisions {
  const { owners, permissionsRegistry, store } = options;
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
              ownerRefs: await owners.ownersOf(budget.scope),
            }
          );
        }),
      );
    },
  });
  return new BudgetDecisions(options);
}
