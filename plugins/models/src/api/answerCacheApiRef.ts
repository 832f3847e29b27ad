import { createApiRef } from '@backstage/frontend-plugin-api';
import type { AnswerCacheClient } from '@agentportal/plugin-models-common';

/**
 * What the front end asks about answers that are remembered.
 *
 * @public
 */
export type AnswerCacheApi = Pick<
  AnswerCacheClient,
  'getAnswerCache' | 'purgeAnswerCache'
>;

/**
 * The answers that the model service remembers, as the signed-in person.
 *
 * @public
 */
export const answerCacheApiRef = createApiRef<AnswerCacheApi>().with({
  id: 'plugin.models.answer-cache',
  pluginId: 'models',
});
