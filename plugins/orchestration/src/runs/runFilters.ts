import type {
  ListRunsQuery,
  RunStatus,
} from '@agentportal/plugin-orchestration-common';
import { START_WORDS, type StartType } from './startWords';

/** State of a list of runs that its URL holds. */
export const RUNS_STATE = {
  status: [],
  agent: '',
  mine: '',
  startedBy: '',
  trigger: '',
  rehearsal: '',
} as const;

/** Statuses in the order of a run's life. */
export const STATUS_CHOICES: ReadonlyArray<{ id: RunStatus; label: string }> = [
  { id: 'queued', label: 'Queued' },
  { id: 'running', label: 'Running' },
  { id: 'interrupted', label: 'Waiting for a person' },
  { id: 'succeeded', label: 'Succeeded' },
  { id: 'failed', label: 'Failed' },
  { id: 'cancelled', label: 'Stopped' },
];

/** Sorts of what starts runs, by the names that filters have for them. */
export const START_CHOICES = (Object.keys(START_WORDS) as StartType[]).map(
  id => ({
    id,
    label: `Started by: ${START_WORDS[id].toLocaleLowerCase('en-US')}`,
  }),
);

/** The filters as the backend takes them; words that are none of the choices are dropped. */
export function toRunsQuery(options: {
  status: readonly string[];
  agentRef?: string;
  createdBy?: string;
  startedBy?: string;
  triggerId?: string;
  isRehearsal?: boolean;
}): ListRunsQuery {
  const status = STATUS_CHOICES.map(choice => choice.id).filter(id =>
    options.status.includes(id),
  );
  const startedBy = START_CHOICES.find(({ id }) => id === options.startedBy);
  return {
    ...(status.length > 0 && { status }),
    ...(options.agentRef && { agentRef: options.agentRef }),
    ...(options.createdBy && { createdBy: options.createdBy }),
    ...(startedBy && { startedBy: startedBy.id }),
    ...(options.triggerId && { triggerId: options.triggerId }),
    ...(options.isRehearsal && { rehearsal: true }),
  };
}
