import type { EvalsClient } from '@agentportal/plugin-evals-common';
import { createApiRef } from '@backstage/frontend-plugin-api';

/** Says of answers whether they were good. */
export type FeedbackApi = Pick<EvalsClient, 'giveFeedback' | 'listFeedback'>;

/** The client of the evals plugin, by the id that it has there; absent without that plugin. */
export const feedbackApiRef = createApiRef<FeedbackApi>().with({
  id: 'plugin.evals.client',
  pluginId: 'evals',
});
