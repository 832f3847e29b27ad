import type { OrchestrationClient } from '@agentportal/plugin-orchestration-common';
import { createApiRef } from '@backstage/frontend-plugin-api';

/**
 * Starts, reads, follows, stops and repeats runs, and what starts them without a person.
 *
 * @public
 */
export type OrchestrationApi = Pick<
  OrchestrationClient,
  | 'createRun'
  | 'listRuns'
  | 'getRun'
  | 'cancelRun'
  | 'retryRun'
  | 'forkRun'
  | 'rerunRuns'
  | 'listThreads'
  | 'getThread'
  | 'getStats'
  | 'streamEvents'
  | 'listTriggers'
  | 'pauseTrigger'
  | 'resumeTrigger'
  | 'fireTrigger'
  | 'makeTriggerSecret'
>;

/**
 * The orchestration backend, as the signed-in person.
 *
 * @public
 */
export const orchestrationApiRef = createApiRef<OrchestrationApi>().with({
  id: 'plugin.orchestration.client',
  pluginId: 'orchestration',
});
