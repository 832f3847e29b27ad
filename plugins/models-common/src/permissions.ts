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
 * Resource type of calls; their refs are the ids of calls.
 *
 * @public
 */
export const RESOURCE_TYPE_CALL = 'models-call';

/**
 * May see calls of models, what they cost, and on whose account. Sums cover the calls
 * that the caller may see.
 *
 * @public
 */
export const costReadPermission = createPermission({
  name: 'models.cost.read',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_CALL,
});

/**
 * May open the pages where spending is managed, Budgets and Keys. Only decides
 * whether the interface offers them; what is on them is decided by the permissions
 * of budgets and keys.
 *
 * @public
 */
export const managementViewPermission = createPermission({
  name: 'models.management.view',
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
 * Resource type of routes; their refs are the names of routes.
 *
 * @public
 */
export const RESOURCE_TYPE_ROUTE = 'models-route';

/**
 * May change how a route chooses models, and take the change back.
 *
 * @public
 */
export const routeWritePermission = createPermission({
  name: 'models.route.write',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_ROUTE,
});

/**
 * Resource type of keys of programs; their refs are the ids of keys.
 *
 * @public
 */
export const RESOURCE_TYPE_KEY = 'models-key';

/**
 * May see a key: its terms, its state and what it spent, never its secret.
 *
 * @public
 */
export const keyReadPermission = createPermission({
  name: 'models.key.read',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_KEY,
});

/**
 * May make a key for an owner. What the key may call is limited by what its
 * maker may use besides.
 *
 * @public
 */
export const keyCreatePermission = createPermission({
  name: 'models.key.create',
  attributes: { action: 'create' },
  resourceType: RESOURCE_TYPE_KEY,
});

/**
 * May change, rotate and revoke a key.
 *
 * @public
 */
export const keyManagePermission = createPermission({
  name: 'models.key.manage',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_KEY,
});

/**
 * May have remembered answers forgotten, whoever they were made for.
 *
 * @public
 */
export const cachePurgePermission = createPermission({
  name: 'models.cache.purge',
  attributes: { action: 'delete' },
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
  managementViewPermission,
  budgetReadPermission,
  budgetWritePermission,
  routeWritePermission,
  keyReadPermission,
  keyCreatePermission,
  keyManagePermission,
  cachePurgePermission,
];
