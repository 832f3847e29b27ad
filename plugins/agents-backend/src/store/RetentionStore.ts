import { deleteInBatches } from '@agentportal/plugin-agents-node';
import type { Knex } from 'knex';
import { ApprovalStore } from '../approvals/ApprovalStore';
import { PublicationStore } from '../approvals/PublicationStore';
import type { AgentsConfig } from '../config';

/** Rows that are deleted in one go, so that no lock is long. */
const BATCH = 500;

/** Deletes what has been over for long enough. */
export class RetentionStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** Goes on until nothing is left to delete, or the signal is aborted. */
  async clean(
    retention: AgentsConfig['retention'],
    signal: AbortSignal,
    now = Date.now(),
  ): Promise<void> {
    const { approvalsMs, delegationsMs, credentialsMs, grantsMs } = retention;
    // What has ended is over before it expires, so each is looked for by both.
    const old: Array<[table: string, column: string, before: number]> = [
      ['agent_delegations', 'ended_at', now - delegationsMs],
      ['agent_delegations', 'expires_at', now - delegationsMs],
      ['agent_credentials', 'revoked_at', now - credentialsMs],
      ['agent_credentials', 'expires_at', now - credentialsMs],
      ['agent_grants', 'revoked_at', now - grantsMs],
      ['agent_grants', 'expires_at', now - grantsMs],
      // As long as decisions from before it was lost, which would count again.
      [
        'agent_earned_autonomy',
        'ended_at',
        now - Math.max(grantsMs, approvalsMs),
      ],
    ];
    for (const [table, column, before] of old) {
      await deleteInBatches(
        this.#knex,
        { table, key: 'id' },
        rows => rows.where(column, '<', before),
        signal,
      );
    }
    const approvals = new ApprovalStore(this.#knex);
    const before = now - approvalsMs;
    let removed = BATCH;
    while (removed === BATCH && !signal.aborted) {
      removed = await approvals.removeClosedBefore(before, BATCH);
    }
    await new PublicationStore(this.#knex).removeUnseenSince(before);
    await this.#knex('agent_revoked_tokens')
      .where('expires_at', '<', now)
      .delete();
  }
}
