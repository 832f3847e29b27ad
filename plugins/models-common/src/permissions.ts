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
 * All permissions of the models plugin.
 *
 * @public
 */
export const modelsPermissions = [
  modelReadPermission,
  modelUsePermission,
  costReadPermission,
];
