import { databaseTime, isSqlite } from '@agentportal/plugin-agents-node';
import type {
  RunError,
  RunEvent,
  RunStatus,
  RunUsage,
} from '@agentportal/plugin-orchestration-common';
import { EventType } from '@ag-ui/core';
import type { Knex } from 'knex';
import type { OrchestrationConfig } from '../config';
import { deleteThreadsOf } from '../checkpoints/deleteThreadsOf';
import { CALL_REFUSED } from '../execution/toolStepEnd';
import { groupCommit } from './groupCommit';
import type { StoredEvent, StoredStep } from './references';
import { type RunRow, type StoredRun, toStoredRun, usageColumns } from './rows';
import { addToDays, type DayChange } from './StatsStore';
import { storable } from './storable';

/** How a run ended. */
export interface RunEnd {
  status: Extract<RunStatus, 'succeeded' | 'failed' | 'cancelled'>;
  output?: string;
  error?: RunError;
  /** What it has used; left out, what was recorded last holds. */
  usage?: RunUsage;
}

/** What is known of a run that has ended. */
export type EndedRun = Pick<
  RunRow,
  | 'id'
  | 'agent_ref'
  | 'created_by'
  | 'on_behalf_of'
  | 'refused_calls'
  | 'is_rehearsal'
> & {
  /** Ids of approvals that steps still waited for. */
  openApprovals: string[];
};

/** Statuses in which a run has not ended. */
const OPEN: RunStatus[] = ['queued', 'running', 'interrupted'];
/** Statuses in which a process holds a run; `interrupted` waits for a person. */
const HELD: RunStatus[] = ['queued', 'running'];

/** A run that no process works on any more. */
export interface AbandonedRun {
  id: string;
  fence: number;
  /** How often it was claimed without a step that ended, and without people to wait for. */
  claims: number;
  cancelRequested: boolean;
  delegationId: string;
  /** Who waits for it, as those who wait are counted. */
  user: string;
  agentRef: string;
  ownerRef?: string;
}

/**
 * Who works on which run. A claim gives a fencing number; whatever is written
 * with an older number, or after the run has ended, changes nothing. So a
 * worker that was thought dead can wake up and do no harm.
 */
export class LeaseStore {
  readonly #knex: Knex;
  readonly #onEnd: (run: EndedRun, end: RunEnd) => void;
  readonly #parallel: OrchestrationConfig['parallel'];

  /**
   * @param onEnd - told once of each run that has ended, whoever ended it
   * @param parallel - how many runs of one agent, and of all of one owner, are worked on at once
   */
  constructor(
    knex: Knex,
    onEnd: (run: EndedRun, end: RunEnd) => void = () => {},
    parallel: OrchestrationConfig['parallel'] = {},
  ) {
    this.#knex = knex;
    this.#onEnd = onEnd;
    this.#parallel = parallel;
  }

  /**
   * Takes a queued run of this owner; `undefined` if it is no longer queued, or as many
   * as may be are worked on already.
   *
   * @param leaseMs - how long it is held without a sign of life
   */
  async claim(
    id: string,
    owner: string,
    leaseMs: number,
    now = Date.now(),
  ): Promise<StoredRun | undefined> {
    const claimed = (knex: Knex) =>
      this.#claim(knex, { id, owner, leaseMs, now });
    if (!this.#parallel.perAgent && !this.#parallel.perOwner) {
      return claimed(this.#knex);
    }
    return this.#knex.transaction(async tx => {
      if (!isSqlite(tx)) {
        // Two processes that counted at once would both take the last place.
        await tx.raw(
          "select pg_advisory_xact_lock(hashtext('orchestration'), hashtext('claim'))",
        );
      }
      return claimed(tx);
    });
  }

  /** Whether a run still waits for an owner that could not claim it. */
  async isQueued(id: string, owner: string): Promise<boolean> {
    const row = await this.#knex('orchestration_runs')
      .where({ id, status: 'queued', lease_owner: owner })
      .first('id');
    return row !== undefined;
  }

  async #claim(
    knex: Knex,
    options: { id: string; owner: string; leaseMs: number; now: number },
  ): Promise<StoredRun | undefined> {
    const { id, leaseMs, now, owner } = options;
    const { perAgent, perOwner } = this.#parallel;
    const update = knex('orchestration_runs').where({
      id,
      status: 'queued',
      lease_owner: owner,
    });
    for (const [column, most] of [
      ['agent_ref', perAgent],
      ['agent_owner_ref', perOwner],
    ] as const) {
      if (most) {
        update.whereRaw(
          `(select count(*) from orchestration_runs as others
            where others.status = 'running' and others.?? = orchestration_runs.??) < ?`,
          [column, column, most],
        );
      }
    }
    const [row]: RunRow[] = await update
      .update({
        status: 'running',
        // Of a run that goes on here, when it began elsewhere.
        started_at: knex.raw('coalesce(started_at, ?)', [now]),
        lease_expires_at: databaseTime(knex, leaseMs),
        fence: knex.raw('fence + 1'),
      })
      .returning('*');
    return row && toStoredRun(row);
  }

  /**
   * Extends the leases of all runs that an owner holds. By how much says for how long it
   * has worked on them since the last time.
   */
  async heartbeat(owner: string, leaseMs: number): Promise<void> {
    const expiresAt = databaseTime(this.#knex, leaseMs);
    await this.#knex('orchestration_runs')
      .whereIn('status', HELD)
      .andWhere('lease_owner', owner)
      .update({
        worked_ms: this.#knex.raw(
          `worked_ms + CASE WHEN status = 'running' THEN ? - lease_expires_at ELSE 0 END`,
          [expiresAt],
        ),
        lease_expires_at: expiresAt,
      });
  }

  /** Lets go of a run that an owner has, so that whoever has room goes on with it. */
  async release(id: string, owner: string): Promise<void> {
    await this.#knex('orchestration_runs')
      .where({ id, lease_owner: owner })
      .whereIn('status', HELD)
      .update({ lease_owner: null, lease_expires_at: 0 });
  }

  /** Lets go of all runs of an owner that nobody has begun to work on. */
  async releaseQueued(owner: string): Promise<void> {
    await this.#knex('orchestration_runs')
      .where({ status: 'queued', lease_owner: owner })
      .update({ lease_owner: null, lease_expires_at: 0 });
  }

  /**
   * Makes abandoned runs wait here, except those with which somebody else was faster or
   * whose process has come back to life. All in one statement: whoever takes up many runs
   * renews its own leases meanwhile no later than usual.
   *
   * @param restarted - whether leases say nothing, as in `listAbandoned`
   * @returns those that wait here now
   */
  async adopt<T extends Pick<AbandonedRun, 'id' | 'fence'>>(
    abandoned: T[],
    owner: string,
    leaseMs: number,
    restarted: boolean,
  ): Promise<T[]> {
    const rows = await this.#knex('orchestration_runs')
      .whereIn('id', still =>
        still
          .select('id')
          .from('orchestration_runs')
          .whereIn(
            ['id', 'fence'],
            abandoned.map(({ id, fence }) => [id, fence]),
          )
          .whereIn('status', HELD)
          .modify(select => {
            if (!restarted) {
              select.andWhere(
                'lease_expires_at',
                '<',
                databaseTime(this.#knex),
              );
            }
            if (!isSqlite(this.#knex)) {
              // What another process takes or renews at this moment is not waited for: it is
              // no longer abandoned, and each would hold rows that the other wants.
              select.forUpdate().skipLocked();
            }
          }),
      )
      .update({
        status: 'queued',
        lease_owner: owner,
        lease_expires_at: databaseTime(this.#knex, leaseMs),
      })
      .returning('id');
    const adopted = new Set(rows.map(row => row.id));
    return abandoned.filter(({ id }) => adopted.has(id));
  }

  /** Asks for the end of a run, whichever process works on it. */
  async requestCancel(id: string): Promise<void> {
    await this.#knex('orchestration_runs')
      .where({ id })
      .whereIn('status', OPEN)
      .update({ cancel_requested: true });
  }

  /** Runs that an owner holds and whose end somebody asked for. */
  async listCancelRequested(owner: string): Promise<string[]> {
    const rows = await this.#knex('orchestration_runs')
      .select('id')
      .whereIn('status', HELD)
      .andWhere({ lease_owner: owner, cancel_requested: true });
    return rows.map(row => row.id);
  }

  /**
   * Runs that are held by a process which is taken for dead: their lease has
   * run out, or, with `restarted`, whatever the lease says. Never those of
   * `owner`, who asks and is alive.
   */
  async listAbandoned(options: {
    owner: string;
    restarted?: boolean;
  }): Promise<AbandonedRun[]> {
    const { owner, restarted } = options;
    const rows: RunRow[] = await this.#knex('orchestration_runs')
      .select(
        'id',
        'fence',
        'interrupts',
        'progress_fence',
        'cancel_requested',
        'delegation_id',
        'created_by',
        'on_behalf_of',
        'agent_ref',
        'agent_owner_ref',
      )
      .whereIn('status', HELD)
      .andWhere(other =>
        other.whereNull('lease_owner').orWhereNot('lease_owner', owner),
      )
      .modify(select => {
        if (!restarted) {
          select.andWhere('lease_expires_at', '<', databaseTime(this.#knex));
        }
      })
      // Those that had begun first: whoever waits for them has waited longer.
      .orderByRaw('CASE WHEN fence > 0 THEN 0 ELSE 1 END, created_at')
      .limit(500);
    return rows.map(row => ({
      id: row.id,
      fence: row.fence,
      claims: row.fence - Math.max(row.interrupts, row.progress_fence),
      cancelRequested: Boolean(row.cancel_requested),
      delegationId: row.delegation_id ?? '',
      user: row.on_behalf_of ?? row.created_by,
      agentRef: row.agent_ref,
      ownerRef: row.agent_owner_ref ?? undefined,
    }));
  }

  /**
   * Ends a run: its row, the steps that were still open and the last event of
   * its stream, all or nothing. Returns false when the claim is lost or the run
   * has ended already, and, with `abandoned`, when its process has come back to
   * life and renewed the lease. With `isClaimed` also when another process has taken it up
   * and not begun with it yet.
   */
  async end(
    run: {
      id: string;
      fence: number;
      abandoned?: boolean;
      isClaimed?: boolean;
    },
    end: RunEnd,
    now = Date.now(),
  ): Promise<boolean> {
    const statuses: RunStatus[] = run.isClaimed ? ['running'] : OPEN;
    let ended = undefined as EndedRun | undefined;
    await groupCommit(this.#knex, async tx => {
      ended = undefined;
      const row = await tx<RunRow>('orchestration_runs')
        .where({ id: run.id, fence: run.fence })
        .whereIn('status', statuses)
        .first();
      if (!row) {
        return;
      }
      const durationMs =
        row.started_at === null
          ? undefined
          : now - Number(row.started_at) - waitedMs(row, now);
      const refusedCalls = await countRefusedCalls(tx, run.id);
      const updated = await tx('orchestration_runs')
        .where({ id: run.id, fence: run.fence })
        .whereIn('status', statuses)
        .modify(update => {
          if (run.abandoned) {
            update.andWhere('lease_expires_at', '<', databaseTime(tx));
          }
        })
        .update({
          ...endColumns(end, now),
          refused_calls: refusedCalls,
          duration_ms: durationMs ?? null,
        });
      if (!updated) {
        return;
      }
      await deleteThreadsOf(tx, run.id);
      const open = await closeOpenSteps(tx, run.id, end, now);
      await appendEvents(tx, run.id, [
        ...open.events,
        finalEvent(row, end, now),
      ]);
      const cost = end.usage?.costNanoUsd ?? Number(row.cost_nano_usd);
      if (!row.is_rehearsal) {
        await addToDays(tx, [
          { run: row, sums: endSums(end, cost), durationMs },
        ]);
      }
      ended = {
        ...row,
        refused_calls: refusedCalls,
        openApprovals: open.approvals,
      };
    });
    if (ended) {
      this.#onEnd(ended, end);
    }
    return ended !== undefined;
  }
}

/** Adds events to the end of the stream of a run that nobody else writes to now. */
export async function appendEvents(
  tx: Knex.Transaction,
  runId: string,
  events: StoredEvent[],
): Promise<void> {
  const { last } = (await tx('orchestration_events')
    .where({ run_id: runId })
    .max({ last: 'seq' })
    .first()) ?? { last: null };
  await tx('orchestration_events').insert(
    events.map((event, i) => ({
      run_id: runId,
      seq: Number(last ?? 0) + 1 + i,
      event: JSON.stringify(event),
    })),
  );
}

/** How long a run has waited for people, until now if it still does. */
function waitedMs(
  row: Pick<RunRow, 'waited_ms' | 'waiting_since'>,
  now: number,
): number {
  return (
    Number(row.waited_ms) +
    (row.waiting_since === null ? 0 : now - Number(row.waiting_since))
  );
}

function endColumns(end: RunEnd, now: number) {
  return {
    ...(end.usage ? usageColumns(end.usage) : {}),
    status: end.status,
    output_message: end.output === undefined ? null : storable(end.output),
    error_name: end.error?.name ?? null,
    error_message: end.error ? storable(end.error.message) : null,
    error_budget: end.error?.budget ? JSON.stringify(end.error.budget) : null,
    finished_at: now,
    initial_messages: null,
    waiting_since: null,
    lease_owner: null,
    lease_expires_at: null,
  };
}

async function countRefusedCalls(
  tx: Knex.Transaction,
  runId: string,
): Promise<number> {
  const failed: Array<{ step: string }> = await tx('orchestration_steps')
    .where({ run_id: runId, status: 'failed' })
    .select('step');
  return failed.filter(row => {
    const { error, kept } = JSON.parse(row.step) as StoredStep;
    return !kept && error?.name === CALL_REFUSED;
  }).length;
}

/** What the end of a run adds to its day. */
function endSums(end: RunEnd, costNanoUsd: number): DayChange['sums'] {
  return {
    ...(end.status === 'cancelled' ? {} : { [end.status]: 1 }),
    cost_nano_usd: costNanoUsd,
  };
}

/** Nothing of an ended run may look as if it were still under way. */
async function closeOpenSteps(
  tx: Knex.Transaction,
  runId: string,
  end: RunEnd,
  now: number,
): Promise<{ events: StoredEvent[]; approvals: string[] }> {
  const rows = await tx('orchestration_steps')
    .where({ run_id: runId })
    .whereIn('status', ['running', 'waiting'])
    .orderBy('step_index');
  const events: StoredEvent[] = [];
  const approvals: string[] = [];
  for (const row of rows) {
    const open = JSON.parse(row.step) as StoredStep;
    if (open.approval) {
      approvals.push(open.approval.id);
    }
    const step: StoredStep = {
      ...open,
      status: 'failed',
      finishedAt: new Date(now).toISOString(),
      durationMs: now - Date.parse(open.startedAt),
      error: end.error ?? {
        name: end.status === 'cancelled' ? 'Cancelled' : 'RunEnded',
        message:
          end.status === 'cancelled'
            ? 'The run was stopped while this was under way.'
            : 'The run ended while this was under way.',
      },
    };
    await tx('orchestration_steps')
      .where({ id: row.id })
      .update({ status: 'failed', step: JSON.stringify(step) });
    events.push({
      type: EventType.CUSTOM,
      timestamp: now,
      step: { id: step.id, status: step.status },
    });
  }
  return { events, approvals };
}

function finalEvent(
  row: Pick<RunRow, 'id' | 'thread_id'>,
  end: RunEnd,
  now: number,
): RunEvent {
  if (end.status === 'failed') {
    return {
      type: EventType.RUN_ERROR,
      timestamp: now,
      message: end.error?.message ?? 'The run failed.',
      code: end.error?.name,
    };
  }
  return {
    type: EventType.RUN_FINISHED,
    timestamp: now,
    threadId: row.thread_id,
    runId: row.id,
    ...(end.output === undefined ? {} : { result: { message: end.output } }),
    outcome:
      end.status === 'cancelled' ? { type: 'cancelled' } : { type: 'success' },
  };
}
