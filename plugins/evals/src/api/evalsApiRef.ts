import type { EvalsClient } from '@agentportal/plugin-evals-common';
import { createApiRef } from '@backstage/frontend-plugin-api';

/**
 * Everything that the evals backend does.
 *
 * @public
 */
export type EvalsApi = Pick<EvalsClient, keyof EvalsClient>;

/**
 * The evals backend, as the signed-in person.
 *
 * @public
 */
export const evalsApiRef = createApiRef<EvalsApi>().with({
  id: 'plugin.evals.client',
  pluginId: 'evals',
});
