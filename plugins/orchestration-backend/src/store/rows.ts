import type {
  RunSummary,
  RunStart,
  RunStatus,
  RunUsage,
  RunWait,
} from '@agentportal/plugin-orchestration-common';
import { nameToldSecrets } from '@agentportal/guard';
import { z } from 'zod/v4';
import type { AgentSnapshot } from '../agents/snapshot';
import type { StoredRehearsal } from '../runs/rehearsals';
import type { KeyedMessage } from './JournalStore';

/** A row of `orchestration_runs`; PostgreSQL gives big integers as strings. */
export interface RunRow {
  id: string;
  thread_id: string;
  agent_ref: string;
  agent_title: string | null;
  agent_owner_ref: string | null;
  agent_snapshot: string;
  /** Runs of before delegations have none; none of them is open any more. */
  delegation_id: string | null;
  status: RunStatus;
  created_by: string;
  on_behalf_of: string | null;
  started_by_type: RunStart['type'] | null;
  trigger_id: string | null;
  started_by: string | null;
  input_message: string;
  forked_from_run: string | null;
  forked_from_step: number | null;
  forked_model: string | null;
  initial_messages: string | null;
  is_rehearsal: boolean | number;
  rehearsed_answers: string | null;
  candidate: string | null;
  experiment_id: string | null;
  experiment: string | null;
  output_message: string | null;
  error_name: string | null;
  error_message: string | null;
  error_budget: string | null;
  refused_calls: number | null;
  input_tokens: number | string;
  output_tokens: number | string;
  cost_nano_usd: number | string;
  model_calls: number;
  tool_calls: number;
  created_at: number | string;
  started_at: number | string | null;
  finished_at: number | string | null;
  duration_ms: number | string | null;
  cancel_requested: boolean | number;
  waiting_for: string | null;
  waiting_since: number | string | null;
  waited_ms: number | string;
  interrupts: number;
  progress_fence: number;
  lease_owner: string | null;
  lease_expires_at: number | string | null;
  fence: number;
  worked_ms: number | string;
}

/** A run as the backend sees it: the public summary, and what is not public. */
export interface StoredRun {
  summary: RunSummary;
  /** What the agent is asked, with tokens where secrets were told. */
  message: string;
  snapshot: AgentSnapshot;
  delegationId: string;
  agentOwnerRef?: string;
  fence: number;
  /** How long processes have worked on it, as far as it is written down. */
  workedMs: number;
  /** What its agent has before it when it begins, where that is not its conversation. */
  initialMessages?: KeyedMessage[];
  /** Present in a rehearsal. */
  rehearsal?: StoredRehearsal;
}

/** Reads a row. */
export function toStoredRun(row: RunRow): StoredRun {
  return {
    summary: toRunSummary(row),
    message: row.input_message,
    snapshot: JSON.parse(row.agent_snapshot) as AgentSnapshot,
    delegationId: row.delegation_id ?? '',
    agentOwnerRef: row.agent_owner_ref ?? undefined,
    fence: row.fence,
    workedMs: Number(row.worked_ms),
    ...(row.initial_messages && {
      initialMessages: JSON.parse(row.initial_messages),
    }),
    ...(row.is_rehearsal && {
      rehearsal: { answers: JSON.parse(row.rehearsed_answers ?? '[]') },
    }),
  };
}

/** The part of a row that the API gives out. */
export function toRunSummary(
  row: Omit<
    RunRow,
    | 'agent_snapshot'
    | 'delegation_id'
    | 'worked_ms'
    | 'initial_messages'
    | 'rehearsed_answers'
  >,
): RunSummary {
  return {
    id: row.id,
    agentRef: row.agent_ref,
    ...(row.agent_title ? { agentTitle: row.agent_title } : {}),
    threadId: row.thread_id,
    status: row.status,
    createdBy: row.created_by,
    ...(row.on_behalf_of ? { onBehalfOf: row.on_behalf_of } : {}),
    startedBy: toRunStart(row),
    input: { message: nameToldSecrets(row.input_message) },
    ...(row.forked_from_run
      ? {
          forkedFrom: {
            runId: row.forked_from_run,
            ...(row.forked_from_step === null
              ? {}
              : { step: row.forked_from_step }),
            ...(row.forked_model && { model: row.forked_model }),
          },
        }
      : {}),
    ...(row.is_rehearsal && { rehearsal: true }),
    ...(row.candidate && { candidate: JSON.parse(row.candidate) }),
    ...(row.experiment && {
      experiment: { id: row.experiment_id, ...JSON.parse(row.experiment) },
    }),
    ...(row.output_message === null
      ? {}
      : { output: { message: nameToldSecrets(row.output_message) } }),
    ...(row.error_name
      ? {
          error: {
            name: row.error_name,
            message: nameToldSecrets(row.error_message ?? ''),
            ...(row.error_budget && { budget: JSON.parse(row.error_budget) }),
          },
        }
      : {}),
    ...(row.status === 'interrupted' ? { waitingFor: waitsOf(row) } : {}),
    ...(row.refused_calls ? { refusedCalls: row.refused_calls } : {}),
    usage: {
      inputTokens: Number(row.input_tokens),
      outputTokens: Number(row.output_tokens),
      costNanoUsd: Number(row.cost_nano_usd),
      modelCalls: row.model_calls,
      toolCalls: row.tool_calls,
    },
    createdAt: iso(row.created_at),
    ...(row.started_at === null ? {} : { startedAt: iso(row.started_at) }),
    ...(row.finished_at === null ? {} : { finishedAt: iso(row.finished_at) }),
    ...(row.duration_ms === null
      ? {}
      : { durationMs: Number(row.duration_ms) }),
  };
}

/** Whether a trigger started a run, so that no person wrote what its agent is told. */
export function isTriggered({ startedBy }: RunSummary): boolean {
  return (
    startedBy !== undefined &&
    !['person', 'service', 'agent'].includes(startedBy.type)
  );
}

function toRunStart(
  row: Pick<
    RunRow,
    'created_by' | 'started_by_type' | 'trigger_id' | 'started_by'
  >,
): RunStart {
  return {
    ...JSON.parse(row.started_by ?? '{}'),
    type: row.started_by_type ?? 'service',
    id: row.trigger_id ?? row.created_by,
  };
}

const waitsSchema = z.array(
  z.looseObject({
    approvalId: z.uuid(),
    kind: z.enum(['tool-call', 'question']),
    title: z.string(),
    askedOf: z.array(z.string()),
  }),
);

/** What a run waits for; one row that is damaged must not hide all others. */
export function waitsOf({
  waiting_for: json,
}: Pick<RunRow, 'waiting_for'>): RunWait[] {
  try {
    return waitsSchema.parse(JSON.parse(json ?? '[]')) as RunWait[];
  } catch {
    return [];
  }
}

/** Milliseconds, as any database gives them, to ISO 8601 in UTC. */
export function iso(ms: number | string): string {
  return new Date(Number(ms)).toISOString();
}

/** What a run has used, as columns. */
export function usageColumns(usage: RunUsage) {
  return {
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    cost_nano_usd: usage.costNanoUsd,
    model_calls: usage.modelCalls,
    tool_calls: usage.toolCalls,
  };
}
