import type {
  ListRunsQuery,
  RunStart,
  RunStatus,
} from '@agentportal/plugin-orchestration-common';

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
export const STATUSES: readonly RunStatus[] = [
  'queued',
  'running',
  'interrupted',
  'succeeded',
  'failed',
  'cancelled',
];

/** Sorts of callers and triggers that start runs. */
export type StartType = RunStart['type'];

/** In the order in which they can be chosen. */
export const START_TYPES: readonly StartType[] = [
  'person',
  'service',
  'agent',
  'schedule',
  'webhook',
  'event',
  'catalog',
  'run',
  'threshold',
];

/** The filters as the backend takes them; words that are none of the choices are dropped. */
export function toRunsQuery(options: {
  status: readonly string[];
  agentRef?: string;
  createdBy?: string;
  startedBy?: string;
  triggerId?: string;
  isRehearsal?: boolean;
}): ListRunsQuery {
  const status = STATUSES.filter(id => options.status.includes(id));
  const startedBy = START_TYPES.find(id => id === options.startedBy);
  return {
    ...(status.length > 0 && { status }),
    ...(options.agentRef && { agentRef: options.agentRef }),
    ...(options.createdBy && { createdBy: options.createdBy }),
    ...(startedBy && { startedBy }),
    ...(options.triggerId && { triggerId: options.triggerId }),
    ...(options.isRehearsal && { rehearsal: true }),
  };
}
