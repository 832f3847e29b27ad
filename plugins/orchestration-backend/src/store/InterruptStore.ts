import type {
  RunEvent,
  RunUsage,
  RunWait,
} from '@agentportal/plugin-orchestration-common';
import { EventType } from '@ag-ui/core';
import type { Knex } from 'knex';
import { appendEvents } from './LeaseStore';
import { type RunRow, usageColumns, waitsOf } from './rows';

/** A run that waits for people. */
export interface InterruptedRun {
  id: string;
  fence: number;
  cancelRequested: boolean;
  delegationId: string;
  /** None when what is on record cannot be read; it asks again when it goes on. */
  waits: RunWait[];
}

/**
 * Runs that wait for people. No process holds them and no lease runs out; whoever finds
 * that people have decided lets them go on.
 */
export class InterruptStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /**
   * Lets a run wait. Returns false when the claim is lost, or when somebody has asked for
   * its end meanwhile.
   */
  async interrupt(
    run: { id: string; fence: number },
    waits: RunWait[],
    usage: RunUsage,
    now = Date.now(),
  ): Promise<boolean> {
    return this.#knex.transaction(async tx => {
      const updated = await tx('orchestration_runs')
        .where({ ...run, status: 'running', cancel_requested: false })
        .update({
          ...usageColumns(usage),
          status: 'interrupted',
          waiting_for: JSON.stringify(waits),
          waiting_since: now,
          interrupts: tx.raw('interrupts + 1'),
          lease_owner: null,
          lease_expires_at: null,
        });
      if (!updated) {
        return false;
      }
      const row = await tx<RunRow>('orchestration_runs')
        .where({ id: run.id })
        .first();
      await appendEvents(tx, run.id, [interruptEvent(row!, waits, now)]);
      return true;
    });
  }

  /** Makes a run that waits queue for whichever process has room; once. */
  async resume(
    { id, fence }: Pick<InterruptedRun, 'id' | 'fence'>,
    now = Date.now(),
  ): Promise<boolean> {
    const updated = await this.#knex('orchestration_runs')
      .where({ id, fence, status: 'interrupted' })
      .update({
        status: 'queued',
        waited_ms: this.#knex.raw('waited_ms + ? - waiting_since', [now]),
        waiting_since: null,
        lease_owner: null,
        lease_expires_at: 0,
      });
    return updated > 0;
  }

  /** Runs that wait, in the order of their ids, after one of them. */
  async list(afterId: string, limit: number): Promise<InterruptedRun[]> {
    const rows: RunRow[] = await this.#knex('orchestration_runs')
      .select('id', 'fence', 'cancel_requested', 'delegation_id', 'waiting_for')
      .where({ status: 'interrupted' })
      .andWhere('id', '>', afterId)
      .orderBy('id')
      .limit(limit);
    return rows.map(row => ({
      id: row.id,
      fence: row.fence,
      cancelRequested: Boolean(row.cancel_requested),
      delegationId: row.delegation_id ?? '',
      waits: waitsOf(row),
    }));
  }
}

/** For AG-UI the run has finished, and begins again when it goes on. */
function interruptEvent(
  row: Pick<RunRow, 'id' | 'thread_id'>,
  waits: RunWait[],
  now: number,
): RunEvent {
  return {
    type: EventType.RUN_FINISHED,
    timestamp: now,
    threadId: row.thread_id,
    runId: row.id,
    outcome: {
      type: 'interrupt',
      interrupts: waits.map(wait => ({
        id: wait.approvalId,
        reason: wait.kind,
        message: wait.title,
        ...(wait.toolCallId && { toolCallId: wait.toolCallId }),
        ...(wait.expiresAt && { expiresAt: wait.expiresAt }),
        metadata: { askedOf: wait.askedOf },
      })),
    },
  };
}
