import { conversationOf } from '@agentportal/guard';
import {
  decodeCursor,
  encodeCursor,
  type RunContext,
} from '@agentportal/plugin-agents-node';
import type { GuardFindingList } from '@agentportal/plugin-tools-common';
import type { DatabaseService } from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';
import { z } from 'zod/v4';

/** How long an agent outside of runs may still have before it what it has read. */
const OUTSIDE_MS = 86_400_000;

const positionSchema = z.tuple([z.number().int(), z.string().max(255)]);

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
    call: { callId: string; toolName: string; isRehearsal?: boolean },
  ): Promise<void> {
    await this.#db('tool_guard_findings')
      .insert({
        scope: conversationOf(run),
        call_id: call.callId,
        tool_name: call.toolName,
        found_at: Date.now(),
        agent_ref: call.isRehearsal ? null : run.agentRef,
        run_id: run.runId ?? null,
      })
      .onConflict(['scope', 'call_id'])
      .ignore();
  }

  /** A conversation that begins with words of another one has read what that has read; the first finding says it. */
  async inherit({ from, to }: { from: string; to: string }): Promise<void> {
    const first = await this.#db('tool_guard_findings')
      .where({ scope: from })
      .orderBy('found_at')
      .first('call_id', 'tool_name', 'found_at');
    if (first) {
      await this.#db('tool_guard_findings')
        .insert({ ...first, scope: to })
        .onConflict(['scope', 'call_id'])
        .ignore();
    }
  }

  /** The first tool that returned instructions. */
  async firstToolOf(run: RunContext): Promise<string | undefined> {
    const scope = conversationOf(run);
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

  /** Those since a time, the oldest first, so that a reader can go on where it was. */
  async list(
    from: number,
    { limit, cursor }: { limit: number; cursor?: string },
  ): Promise<GuardFindingList> {
    const [at, callId] = decodeCursor(cursor, positionSchema) ?? [from, ''];
    const rows = await this.#db('tool_guard_findings')
      .whereNotNull('agent_ref')
      .andWhere('found_at', '>=', at)
      .andWhere(place =>
        place.where('found_at', '>', at).orWhere('call_id', '>', callId),
      )
      .orderBy(['found_at', 'call_id'])
      .limit(limit + 1);
    const kept = rows.slice(0, limit);
    const last = kept.at(-1);
    return {
      items: kept.map(row => ({
        agentRef: row.agent_ref,
        ...(row.run_id && { runId: row.run_id }),
        toolName: row.tool_name,
        foundAt: new Date(Number(row.found_at)).toISOString(),
      })),
      ...(rows.length > limit && {
        nextCursor: encodeCursor([Number(last.found_at), last.call_id]),
      }),
    };
  }

  async removeOlderThan(ageMs: number, now = Date.now()): Promise<void> {
    await this.#db('tool_guard_findings')
      .where('found_at', '<', now - ageMs)
      .delete();
  }
}
