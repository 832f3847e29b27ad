import { createPermission } from '@backstage/plugin-permission-common';

/**
 * Resource type of models; its refs are gateway model ids such as `openai/gpt-5.1`.
 *
 * @public
 */
export const RESOURCE_TYPE_MODEL = 'models-model';

/**
 * May see a model: its price, its context window and whether it answers.
 *
 * @public
 */
export const modelReadPermission = createPermission({
  name: 'models.model.read',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_MODEL,
});

/**
 * May call a model through the gateway.
 *
 * @public
 */
export const modelUsePermission = createPermission({
  name: 'models.model.use',
  attributes: {},
  resourceType: RESOURCE_TYPE_MODEL,
});

/**
 * May see what model calls cost, and on whose account.
 *
 * @public
 */
export const costReadPermission = createPermission({
  name: 'models.cost.read',
  attributes: { action: 'read' },
});

/**
 * Resource type of budgets; their refs are the ids of budgets.
 *
 * @public
 */
export const RESOURCE_TYPE_BUDGET = 'models-budget';

/**
 * May see a budget, what is spent of it, and who changed it.
 *
 * @public
 */
export const budgetReadPermission = createPermission({
  name: 'models.budget.read',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_BUDGET,
});

/**
 * May make, change and delete a budget.
 *
 * @public
 */
export const budgetWritePermission = createPermission({
  name: 'models.budget.write',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_BUDGET,
});

/**
 * All permissions of the models plugin.
 *
 * @public
 */
export const modelsPermissions = [
  modelReadPermission,
  modelUsePermission,
  costReadPermission,
  budgetReadPermission,
  budgetWritePermission,
];
