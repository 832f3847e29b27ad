import type {
  ListRunsQuery,
  RunStatus,
} from '@agentportal/plugin-orchestration-common';

/** State of a list of runs that its URL holds. */
export const RUNS_STATE = { status: [], agent: '', mine: '' } as const;

/** Statuses in the order of a run's life. */
export const STATUS_CHOICES: ReadonlyArray<{ id: RunStatus; label: string }> = [
  { id: 'queued', label: 'Queued' },
  { id: 'running', label: 'Running' },
  { id: 'interrupted', label: 'Waiting for a person' },
  { id: 'succeeded', label: 'Succeeded' },
  { id: 'failed', label: 'Failed' },
  { id: 'cancelled', label: 'Stopped' },
];

/** The filters as the backend takes them; words that are no status are dropped. */
export function toRunsQuery(options: {
  status: readonly string[];
  agentRef?: string;
  createdBy?: string;
}): ListRunsQuery {
  const status = STATUS_CHOICES.map(choice => choice.id).filter(id =>
    options.status.includes(id),
  );
  return {
    ...(status.length > 0 && { status }),
    ...(options.agentRef && { agentRef: options.agentRef }),
    ...(options.createdBy && { createdBy: options.createdBy }),
  };
}
