import { RESOURCE_TYPE_BUDGET } from '@agentportal/plugin-models-common';
import {
  createConditionExports,
  createPermissionResourceRef,
  createPermissionRule,
} from '@backstage/plugin-permission-node';
import { z } from 'zod/v4';
import type { BudgetScope } from '../budgets/budget';

/**
 * What permission rules see of a budget.
 *
 * @public
 */
export interface BudgetResource {
  /** Absent for a budget that is to be made. */
  id?: string;
  scope: BudgetScope;
  /** Who answers for the scope: entity refs of groups and users. */
  ownerRefs: string[];
}

/**
 * Filter that rules translate to. Budgets are in memory, so it names the owners.
 *
 * @public
 */
export interface BudgetFilter {
  ownerRefs: string[];
}

/**
 * The resource that the permissions on budgets are about.
 *
 * @public
 */
export const budgetResourceRef = createPermissionResourceRef<
  BudgetResource,
  BudgetFilter
>().with({ pluginId: 'models', resourceType: RESOURCE_TYPE_BUDGET });

const isBudgetScopeOwner = createPermissionRule({
  name: 'IS_BUDGET_SCOPE_OWNER',
  description: 'Allow budgets of what the caller, or one of its groups, owns',
  resourceRef: budgetResourceRef,
  paramsSchema: z.object({
    claims: z
      .array(z.string())
      .describe('Entity refs of the caller and its groups'),
  }),
  apply: (budget, { claims }) =>
    budget.ownerRefs.some(ref => claims.includes(ref)),
  toQuery: ({ claims }) => ({ ownerRefs: claims }),
});

/**
 * The rules on budgets.
 *
 * @public
 */
export const budgetRules = { isBudgetScopeOwner };

/**
 * Conditions and decisions on budgets for authors of permission policies.
 *
 * @public
 */
export const {
  conditions: budgetConditions,
  createConditionalDecision: createBudgetConditionalDecision,
} = createConditionExports({
  resourceRef: budgetResourceRef,
  rules: budgetRules,
});
