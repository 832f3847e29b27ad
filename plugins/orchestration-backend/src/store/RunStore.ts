import type {
  RunStart,
  RunStatus,
  RunSummary,
} from '@agentportal/plugin-orchestration-common';
import {
  databaseTime,
  decodeCursor,
  encodeCursor,
  isSqlite,
} from '@agentportal/plugin-agents-node';
import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import { nameToldSecrets } from '@agentportal/guard';
import type { Knex } from 'knex';
import { z } from 'zod/v4';
import type { AgentSnapshot } from '../agents/snapshot';
import type { Assignment } from '../experiments/assign';
import type { StoredRehearsal, TriedCandidate } from '../runs/rehearsals';
import { groupCommit } from './groupCommit';
import { type BegunRun, type KeyedMessage, putRecord } from './JournalStore';
import { readPage } from './paging';
import { type RunRow, type StoredRun, toRunSummary, toStoredRun } from './rows';
import { type RunFilter, runsAllowed, whereRunAllowed } from './runFilter';
import { addToDays } from './StatsStore';
import { storable } from './storable';

/** A run that is about to be written down. */
export interface NewRun {
  id: string;
  threadId: string;
  /** The conversation that the guard and rules take it for a part of; its own unless given. */
  sessionId?: string;
  snapshot: AgentSnapshot;
  createdBy: string;
  onBehalfOf?: string;
  startedBy: RunStart;
  delegationId: string;
  message: string;
  /** The run that it repeats, and what its agent has before it. */
  fork?: {
    runId: string;
    step?: number;
    model?: string;
    messages?: KeyedMessage[];
    /** What it takes over of a workflow that had done so much already. */
    kept?: BegunRun;
  };
  /** Makes it a rehearsal, which is in no figures. */
  rehearsal?: StoredRehearsal;
  tried?: TriedCandidate;
  /** The experiment on live traffic that it takes part in. */
  experiment?: Assignment;
  lease: { owner: string; ms: number };
}

/** A run of a conversation, with tokens where people read that secrets were told. */
export interface Turn extends Pick<StoredRun, 'summary' | 'message'> {
  answer?: string;
}

/** Which runs a list holds. */
export interface RunListQuery {
  agentRef?: string;
  status?: RunStatus[];
  createdBy?: string;
  threadId?: string;
  startedBy?: RunStart['type'];
  triggerId?: string;
  forkedFrom?: string;
  /** Whether it holds rehearsals, in place of all others. */
  rehearsal?: boolean;
  experimentId?: string;
  /** Only runs that ended since then, in the order in which they did. */
  finishedSince?: string;
  limit: number;
  cursor?: string;
  allowed?: PermissionCriteria<RunFilter>;
}

/** Of a run, the steps whose tools a list names. */
const LISTED_STEPS = 100;

const SUMMARY_COLUMNS: string[] = [
  'id',
  'thread_id',
  'agent_ref',
  'agent_title',
  'agent_owner_ref',
  'status',
  'created_by',
  'on_behalf_of',
  'started_by_type',
  'trigger_id',
  'started_by',
  'input_message',
  'forked_from_run',
  'forked_from_step',
  'forked_model',
  'is_rehearsal',
  'candidate',
  'experiment_id',
  'experiment',
  'output_message',
  'error_name',
  'error_message',
  'error_budget',
  'refused_calls',
  'input_tokens',
  'output_tokens',
  'cost_nano_usd',
  'model_calls',
  'tool_calls',
  'created_at',
  'started_at',
  'finished_at',
  'duration_ms',
  'cancel_requested',
  'waiting_for',
  'waiting_since',
  'waited_ms',
  'interrupts',
  'lease_owner',
  'lease_expires_at',
  'fence',
];

const TITLE_CHARACTERS = 120;
/** More than these databases put together no faster. */
const MAX_PARTS = 100;

/** Texts of any length, of which lists hold the beginning. */
const MESSAGES = ['input_message', 'output_message', 'error_message'];
const LISTED_CHARACTERS = 300;

/** When the last run of a page ended, and its id. */
const endSchema = z.tuple([z.number().int(), z.string().max(64)]);

/** Runs and their conversations, as rows. */
export class RunStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** Writes a queued run, and its conversation when the run begins one. */
  async create(run: NewRun, now = Date.now()): Promise<void> {
    await groupCommit(this.#knex, async tx => {
      const continued = await tx('orchestration_threads')
        .where({ id: run.threadId })
        .update({ updated_at: now, run_count: tx.raw('run_count + 1') });
      if (!continued) {
        await tx('orchestration_threads').insert({
          id: run.threadId,
          agent_ref: run.snapshot.ref,
          created_by: run.createdBy,
          title: nameToldSecrets(storable(run.message))
            .trim()
            .slice(0, TITLE_CHARACTERS),
          run_count: 1,
          is_rehearsal: run.rehearsal !== undefined,
          session_id:
            run.sessionId === run.threadId ? null : run.sessionId ?? null,
          created_at: now,
          updated_at: now,
        });
      }
      const counted = {
        agent_ref: run.snapshot.ref,
        agent_owner_ref: run.snapshot.ownerRef ?? null,
        created_by: run.createdBy,
        on_behalf_of: run.onBehalfOf ?? null,
        created_at: now,
      };
      await tx('orchestration_runs').insert({
        ...counted,
        id: run.id,
        thread_id: run.threadId,
        agent_title: run.snapshot.title ?? null,
        agent_snapshot: JSON.stringify(run.snapshot),
        delegation_id: run.delegationId,
        ...startColumns(run.startedBy),
        status: 'queued',
        input_message: storable(run.message),
        forked_from_run: run.fork?.runId ?? null,
        forked_from_step: run.fork?.step ?? null,
        forked_model: run.fork?.model ?? null,
        initial_messages: run.fork?.messages
          ? JSON.stringify(run.fork.messages)
          : null,
        is_rehearsal: run.rehearsal !== undefined,
        rehearsed_answers: run.rehearsal?.answers.length
          ? JSON.stringify(run.rehearsal.answers)
          : null,
        candidate: run.tried ? JSON.stringify(run.tried.summary) : null,
        ...experimentColumns(run.experiment),
        lease_owner: run.lease.owner,
        lease_expires_at: databaseTime(tx, run.lease.ms),
      });
      if (run.fork?.kept) {
        await putRecord(tx, run.id, run.fork.kept);
      }
      if (!run.rehearsal) {
        await addToDays(tx, [{ run: counted, sums: { runs: 1 } }]);
      }
    });
  }

  async get(id: string): Promise<StoredRun | undefined> {
    const row = await this.#runs().where({ id }).first();
    return row && toStoredRun(row);
  }

  async getStatus(id: string): Promise<RunStatus | undefined> {
    const row = await this.#runs().select('status').where({ id }).first();
    return row?.status;
  }

  /** The runs with these ids, in no order; unknown ids are left out. */
  async getMany(ids: string[]): Promise<StoredRun[]> {
    const rows = await this.#runs().whereIn('id', ids);
    return rows.map(toStoredRun);
  }

  async list(
    query: RunListQuery,
  ): Promise<{ items: RunSummary[]; nextCursor?: string }> {
    const { agentRef, createdBy, forkedFrom, startedBy, status } = query;
    const { threadId, triggerId, finishedSince } = query;
    const from = {
      table: 'orchestration_runs',
      columns: SUMMARY_COLUMNS.map(column =>
        MESSAGES.includes(column)
          ? this.#knex.raw('substr(??, 1, ?) AS ??', [
              column,
              LISTED_CHARACTERS,
              column,
            ])
          : column,
      ),
      where: (select: Knex.QueryBuilder) => {
        select.where({
          is_rehearsal: query.rehearsal ?? false,
          ...(query.experimentId ? { experiment_id: query.experimentId } : {}),
          ...(agentRef ? { agent_ref: agentRef } : {}),
          ...(createdBy ? { created_by: createdBy } : {}),
          ...(threadId ? { thread_id: threadId } : {}),
          ...(startedBy ? { started_by_type: startedBy } : {}),
          ...(triggerId ? { trigger_id: triggerId } : {}),
          ...(forkedFrom ? { forked_from_run: forkedFrom } : {}),
        });
      },
    };
    const { rows, nextCursor } = finishedSince
      ? await this.#listEnded(from, query, Date.parse(finishedSince))
      : await readPage<RunRow>(
          this.#knex,
          {
            ...from,
            column: 'created_at',
            anyOf: withStatus(runsAllowed(query.allowed), status),
          },
          query,
        );
    const calledBy = finishedSince
      ? await this.#toolsCalled(rows.map(row => row.id))
      : undefined;
    return {
      items: rows.map(row => ({
        ...toRunSummary(row),
        ...(calledBy && { toolsCalled: calledBy.get(row.id) ?? [] }),
      })),
      ...(nextCursor ? { nextCursor } : {}),
    };
  }

  /** Which tools some runs called, in order; one query that leaves what they gave and got where it is. */
  async #toolsCalled(runIds: string[]): Promise<Map<string, string[]>> {
    const knex = this.#knex;
    const field = (name: string) =>
      isSqlite(knex)
        ? knex.raw('json_extract(step, ?)', [`$.${name}`])
        : // PostgreSQL refuses the whole text for one escape of a character that it cannot hold.
          knex.raw('replace(step, ?, ?)::json ->> ?', ['\\u', '/u', name]);
    const steps: Array<{ run_id: string; tool: string }> = await knex(
      'orchestration_steps',
    )
      .whereIn('run_id', runIds)
      .andWhere('step_index', '<', LISTED_STEPS)
      .andWhereRaw('? = ?', [field('kind'), 'tool'])
      .orderBy(['run_id', 'step_index'])
      .select(
        'run_id',
        knex.raw('coalesce(?, ?) as tool', [field('toolRef'), field('name')]),
      );
    const called = new Map<string, string[]>();
    for (const { run_id, tool } of steps) {
      called.set(run_id, [...(called.get(run_id) ?? []), tool]);
    }
    return called;
  }

  /** A page in the order in which runs ended, so that a reader can go on where it was. */
  async #listEnded(
    from: {
      columns: Array<string | Knex.Raw>;
      where: (select: Knex.QueryBuilder) => void;
    },
    { allowed, cursor, limit, status }: RunListQuery,
    since: number,
  ): Promise<{ rows: RunRow[]; nextCursor?: string }> {
    const [at, id] = decodeCursor(cursor, endSchema) ?? [since, ''];
    const select = this.#runs()
      .select(from.columns as string[])
      .andWhere('finished_at', '>=', at)
      .andWhere(place =>
        place.where('finished_at', '>', at).orWhere('id', '>', id),
      );
    from.where(select);
    whereRunAllowed(select, allowed);
    if (status?.length) {
      select.whereIn('status', status);
    }
    const rows = (await select
      .orderBy(['finished_at', 'id'])
      .limit(limit + 1)) as unknown as RunRow[];
    const kept = rows.slice(0, limit);
    const last = kept.at(-1);
    return {
      rows: kept,
      ...(rows.length > limit &&
        last && {
          nextCursor: encodeCursor([Number(last.finished_at), last.id]),
        }),
    };
  }

  /** The latest runs of a conversation, the oldest of them first. */
  async listThreadRuns(threadId: string, limit: number): Promise<Turn[]> {
    const rows = (await this.#runs()
      .select(SUMMARY_COLUMNS)
      .where('thread_id', threadId)
      .orderBy([
        { column: 'created_at', order: 'desc' },
        { column: 'id', order: 'desc' },
      ])
      .limit(limit)) as unknown as RunRow[];
    return rows.reverse().map(row => ({
      summary: toRunSummary(row),
      message: row.input_message,
      answer: row.output_message ?? undefined,
    }));
  }

  #runs(): Knex.QueryBuilder<RunRow, RunRow[]> {
    return this.#knex<RunRow>('orchestration_runs') as Knex.QueryBuilder<
      RunRow,
      RunRow[]
    >;
  }
}

/** Each status alone: of several no index gives rows in the order of time. */
function withStatus(
  anyOf: ReturnType<typeof runsAllowed>,
  status: RunStatus[] = [],
): ReturnType<typeof runsAllowed> {
  if (!status.length) {
    return anyOf;
  }
  const parts = anyOf ?? [() => {}];
  const choices =
    parts.length * status.length > MAX_PARTS
      ? [status]
      : status.map(one => [one]);
  return parts.flatMap(narrow =>
    choices.map(choice => (query: Knex.QueryBuilder) => {
      narrow(query);
      query.whereIn('status', choice);
    }),
  );
}

function experimentColumns(experiment: Assignment | undefined) {
  const { id, ...assignment } = experiment ?? {};
  return {
    experiment_id: id ?? null,
    experiment: experiment ? JSON.stringify(assignment) : null,
  };
}

function startColumns({ type, id, ...more }: RunStart) {
  return {
    started_by_type: type,
    // Of others it is who created the run.
    trigger_id: ['person', 'service', 'agent'].includes(type) ? null : id,
    started_by: Object.keys(more).length ? JSON.stringify(more) : null,
  };
}
