import { randomUUID } from 'node:crypto';
import type { AgentsOperations } from '@agentportal/plugin-agents-common';
import { decodeCursor, encodeCursor } from '@agentportal/plugin-agents-node';
import type { Knex } from 'knex';
import { z } from 'zod/v4';
import { iso } from '../store/times';

type Hits =
  AgentsOperations['NoteRuleHits']['requestBody']['content']['application/json']['hits'][number];
type Report =
  AgentsOperations['GetRuleReport']['responses'][200]['content']['application/json'];

const HITS = 'agent_rule_hits';
const EXAMPLES = 'agent_rule_examples';
const DAY_MS = 86_400_000;
/** Examples that are kept of each rule. */
const MAX_EXAMPLES = 20;

/** How often rules matched, and the last calls that they did. */
export class RuleHitStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  async note(hits: Hits[], now = Date.now()): Promise<void> {
    const day = Math.floor(now / DAY_MS);
    for (const { ruleId, mode, count, examples } of hits) {
      await this.#knex.transaction(async tx => {
        await tx(HITS)
          .insert({ rule_id: ruleId, mode, day, hits: count })
          .onConflict(['rule_id', 'mode', 'day'])
          .merge({ hits: tx.raw('agent_rule_hits.hits + excluded.hits') });
        if (!examples.length) {
          return;
        }
        await tx(EXAMPLES).insert(
          examples.map(({ at, agentRef, toolRef, runId }) => ({
            id: randomUUID(),
            rule_id: ruleId,
            at: Date.parse(at),
            agent_ref: agentRef,
            tool_ref: toolRef,
            run_id: runId ?? null,
          })),
        );
        const kept = await tx(EXAMPLES)
          .where('rule_id', ruleId)
          .orderBy([
            { column: 'at', order: 'desc' },
            { column: 'id', order: 'desc' },
          ])
          .limit(MAX_EXAMPLES)
          .pluck('id');
        await tx(EXAMPLES)
          .where('rule_id', ruleId)
          .whereNotIn('id', kept)
          .delete();
      });
    }
  }

  /** What rules refused or would have refused in the last days. */
  async report(
    { days, limit, cursor }: { days: number; limit: number; cursor?: string },
    now = Date.now(),
  ): Promise<Report> {
    const after = decodeCursor(cursor, z.string().max(512));
    const select = this.#knex(HITS)
      .where('day', '>', Math.floor(now / DAY_MS) - days)
      .groupBy('rule_id')
      .orderBy('rule_id')
      .select(
        'rule_id',
        this.#knex.raw(
          `sum(case when mode = 'enforce' then hits else 0 end) as refused`,
        ),
        this.#knex.raw(
          `sum(case when mode = 'log' then hits else 0 end) as would`,
        ),
      )
      .limit(limit + 1);
    if (after !== undefined) {
      select.andWhere('rule_id', '>', after);
    }
    const rows: Array<{ rule_id: string; refused: string; would: string }> =
      await select;
    const kept = rows.slice(0, limit);
    const examples: Array<{
      rule_id: string;
      at: string;
      agent_ref: string;
      tool_ref: string;
      run_id: string | null;
    }> = await this.#knex(EXAMPLES)
      .whereIn(
        'rule_id',
        kept.map(row => row.rule_id),
      )
      .orderBy('at', 'desc');
    const byRule = Map.groupBy(examples, row => row.rule_id);
    return {
      items: kept.map(row => ({
        ruleId: row.rule_id,
        refused: Number(row.refused),
        wouldHaveRefused: Number(row.would),
        examples: (byRule.get(row.rule_id) ?? []).map(each => ({
          at: iso(each.at),
          agentRef: each.agent_ref,
          toolRef: each.tool_ref,
          ...(each.run_id !== null && { runId: each.run_id }),
        })),
      })),
      ...(rows.length > limit && {
        nextCursor: encodeCursor(kept[limit - 1].rule_id),
      }),
    };
  }

  async removeBefore(ms: number): Promise<void> {
    await this.#knex(HITS)
      .where('day', '<', Math.floor(ms / DAY_MS))
      .delete();
    await this.#knex(EXAMPLES).where('at', '<', ms).delete();
  }
}
