import type { EvalsClient } from '@agentportal/plugin-evals-common';
import { createApiRef } from '@backstage/frontend-plugin-api';

/** Says how good answers were. */
export type QualityApi = Pick<EvalsClient, 'getQuality'>;

/** The client of the evals plugin, by the id that it has there; absent without that plugin. */
export const qualityApiRef = createApiRef<QualityApi>().with({
  id: 'plugin.evals.client',
  pluginId: 'evals',
});
