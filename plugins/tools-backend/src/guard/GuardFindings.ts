import type { RunContext } from '@agentportal/plugin-agents-node';
import type { DatabaseService } from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';

/** How long an agent outside of runs may still have before it what it has read. */
const OUTSIDE_MS = 86_400_000;

/**
 * Which conversations hold instructions of tools, for every replica. A model reads what
 * was returned in one run again in the next of the same conversation.
 */
export class GuardFindings {
  readonly #db: Knex;

  private constructor(db: Knex) {
    this.#db = db;
  }

  static async create(database: DatabaseService): Promise<GuardFindings> {
    return new GuardFindings(await database.getClient());
  }

  async add(
    run: RunContext,
    call: { callId: string; toolName: string },
  ): Promise<void> {
    await this.#db('tool_guard_findings')
      .insert({
        scope: scopeOf(run),
        call_id: call.callId,
        tool_name: call.toolName,
        found_at: Date.now(),
      })
      .onConflict(['scope', 'call_id'])
      .ignore();
  }

  /** The first tool that returned instructions. */
  async firstToolOf(run: RunContext): Promise<string | undefined> {
    const scope = scopeOf(run);
    const row = await this.#db('tool_guard_findings')
      .where({ scope })
      .andWhere(
        'found_at',
        '>',
        scope === run.agentRef ? Date.now() - OUTSIDE_MS : 0,
      )
      .orderBy('found_at')
      .first('tool_name');
    return row?.tool_name;
  }

  async removeOlderThan(ageMs: number, now = Date.now()): Promise<void> {
    await this.#db('tool_guard_findings')
      .where('found_at', '<', now - ageMs)
      .delete();
  }
}

/** Within what an agent reads again what it has read: outside of runs, all that it does. */
export function scopeOf({
  agentRef,
  delegationId,
  runId,
  sessionId,
}: RunContext): string {
  return sessionId ?? runId ?? delegationId ?? agentRef;
}
