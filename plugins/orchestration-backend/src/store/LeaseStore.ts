import {
  RUN_STEP_EVENT,
  type RunError,
  type RunEvent,
  type RunStatus,
  type RunStep,
} from '@agentportal/plugin-orchestration-common';
import { EventType } from '@ag-ui/core';
import type { Knex } from 'knex';
import { type RunRow, type StoredRun, toStoredRun } from './rows';
import { storable } from './storable';

/** How a run ended. */
export interface RunEnd {
  status: Extract<RunStatus, 'succeeded' | 'failed' | 'cancelled'>;
  output?: string;
  error?: RunError;
}

/** Statuses in which a run still occupies a worker or a place in a queue. */
const OPEN: RunStatus[] = ['queued', 'running'];

/**
 * Who works on which run. A claim gives a fencing number; whatever is written
 * with an older number, or after the run has ended, changes nothing. So a
 * worker that was thought dead can wake up and do no harm.
 */
export class LeaseStore {
  readonly #knex: Knex;

  static create(options: { knex: Knex }): LeaseStore {
    return new LeaseStore(options.knex);
  }

  private constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** Takes a queued run of this owner; `undefined` if it is no longer queued. */
  async claim(
    id: string,
    owner: string,
    expiresAt: number,
    now = Date.now(),
  ): Promise<StoredRun | undefined> {
    const claimed = await this.#knex('orchestration_runs')
      .where({ id, status: 'queued', lease_owner: owner })
      .update({
        status: 'running',
        started_at: now,
        lease_expires_at: expiresAt,
        fence: this.#knex.raw('fence + 1'),
      });
    if (!claimed) {
      return undefined;
    }
    const row = await this.#knex<RunRow>('orchestration_runs')
      .where({ id })
      .first();
    return row && toStoredRun(row);
  }

  /** Extends the leases of all open runs of an owner. */
  async heartbeat(owner: string, expiresAt: number): Promise<void> {
    await this.#knex('orchestration_runs')
      .whereIn('status', OPEN)
      .andWhere('lease_owner', owner)
      .update({ lease_expires_at: expiresAt });
  }

  /** Lets a lease run out now, for a run that its own worker had to give up. */
  async release(id: string): Promise<void> {
    await this.#knex('orchestration_runs')
      .where({ id })
      .whereIn('status', OPEN)
      .update({ lease_owner: null, lease_expires_at: 0 });
  }

  /** Asks for the end of a run, whichever process works on it. */
  async requestCancel(id: string): Promise<void> {
    await this.#knex('orchestration_runs')
      .where({ id })
      .whereIn('status', OPEN)
      .update({ cancel_requested: true });
  }

  /** Open runs of an owner whose end somebody asked for. */
  async listCancelRequested(owner: string): Promise<string[]> {
    const rows = await this.#knex('orchestration_runs')
      .select('id')
      .whereIn('status', OPEN)
      .andWhere({ lease_owner: owner, cancel_requested: true });
    return rows.map(row => row.id);
  }

  /**
   * Open runs whose lease has run out; with `aliveOwner`, every open run of
   * anyone else.
   */
  async listAbandoned(options: {
    now: number;
    aliveOwner?: string;
  }): Promise<Array<{ id: string; fence: number; cancelRequested: boolean }>> {
    const rows = await this.#knex<RunRow>('orchestration_runs')
      .select('id', 'fence', 'cancel_requested')
      .whereIn('status', OPEN)
      .andWhere(gone => {
        gone.where('lease_expires_at', '<', options.now);
        if (options.aliveOwner) {
          gone.orWhereNot('lease_owner', options.aliveOwner);
        }
      })
      .limit(500);
    return rows.map(row => ({
      id: row.id,
      fence: row.fence,
      cancelRequested: Boolean(row.cancel_requested),
    }));
  }

  /**
   * Ends a run: its row, the steps that were still open and the last event of
   * its stream, all or nothing. Returns false when the claim is lost or the run
   * has ended already.
   */
  async end(
    run: { id: string; fence: number },
    end: RunEnd,
    now = Date.now(),
  ): Promise<boolean> {
    return this.#knex.transaction(async tx => {
      const row = await tx<RunRow>('orchestration_runs')
        .where({ id: run.id, fence: run.fence })
        .whereIn('status', OPEN)
        .first();
      if (!row) {
        return false;
      }
      const updated = await tx('orchestration_runs')
        .where({ id: run.id, fence: run.fence })
        .whereIn('status', OPEN)
        .update({
          status: end.status,
          output_message:
            end.output === undefined ? null : storable(end.output),
          error_name: end.error?.name ?? null,
          error_message: end.error ? storable(end.error.message) : null,
          finished_at: now,
          duration_ms:
            row.started_at === null ? null : now - Number(row.started_at),
          lease_owner: null,
          lease_expires_at: null,
        });
      if (!updated) {
        return false;
      }
      const events = [
        ...(await closeOpenSteps(tx, run.id, end, now)),
        finalEvent(row, end, now),
      ];
      const { last } = (await tx('orchestration_events')
        .where({ run_id: run.id })
        .max({ last: 'seq' })
        .first()) ?? { last: null };
      await tx('orchestration_events').insert(
        events.map((event, i) => ({
          run_id: run.id,
          seq: Number(last ?? 0) + 1 + i,
          event: JSON.stringify(event),
        })),
      );
      return true;
    });
  }
}

/** Nothing of an ended run may look as if it were still under way. */
async function closeOpenSteps(
  tx: Knex.Transaction,
  runId: string,
  end: RunEnd,
  now: number,
): Promise<RunEvent[]> {
  const rows = await tx('orchestration_steps')
    .where({ run_id: runId, status: 'running' })
    .orderBy('step_index');
  const events: RunEvent[] = [];
  for (const row of rows) {
    const open = JSON.parse(row.step) as RunStep;
    const step: RunStep = {
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
      name: RUN_STEP_EVENT,
      value: { step },
    });
  }
  return events;
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
