import { createApiRef } from '@backstage/frontend-plugin-api';
import type { ModelsClient } from '@agentportal/plugin-models-common';

/**
 * What the front end asks of the model service.
 *
 * @public
 */
export type ModelsApi = Pick<ModelsClient, keyof ModelsClient>;

/**
 * The model service, as the signed-in person.
 *
 * @public
 */
export const modelsApiRef = createApiRef<ModelsApi>().with({
  id: 'plugin.models.client',
  pluginId: 'models',
});
