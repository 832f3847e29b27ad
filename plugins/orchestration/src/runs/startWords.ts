import type { RunStart } from '@agentportal/plugin-orchestration-common';

/** Sorts of callers and triggers that start runs. */
export type StartType = RunStart['type'];

/** What has started a run, before its name. */
export const START_WORDS: Record<StartType, string> = {
  person: 'Person',
  service: 'Program',
  agent: 'Agent',
  schedule: 'Schedule',
  webhook: 'Webhook',
  event: 'Event',
  catalog: 'Catalog change',
  run: 'End of a run',
  threshold: 'Threshold',
};
