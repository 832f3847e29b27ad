import { randomUUID } from 'node:crypto';
import type { RiskTier } from '@agentportal/plugin-agents-common';
import {
  decodeCursor,
  encodeCursor,
  readPage,
} from '@agentportal/plugin-agents-node';
import type {
  DecideOnAgentRequest,
  LevelChangeList,
  Scorecard,
} from '@agentportal/plugin-evals-common';
import type { Knex } from 'knex';
import { z } from 'zod/v4';
import { iso } from '../store/iso';
import type { Evidence } from './evidence/Evidence';
import type { JudgedCheck, Level } from './judge';

const CARDS = 'evals_scorecards';
const CHANGES = 'evals_level_changes';
const DECISIONS = 'evals_agent_decisions';
const BATCH = 100;
const DAY_MS = 86_400_000;

const positionSchema = z.tuple([z.number().int(), z.string().max(255)]);

/** How an agent stands, as it is kept. */
export interface KeptScorecard {
  agentRef: string;
  title: string;
  ownerRef: string;
  tier?: RiskTier;
  level: Level;
  /** What it fell to in the computation before, which counts when it does again. */
  lowerLevel?: Level;
  since: number;
  computedAt: number;
  strength: number;
  checks: JudgedCheck[];
  kpis: NonNullable<Scorecard['kpis']>;
  evidence: Evidence;
}

/** A change of level, with the reasons. */
export interface LevelChange {
  agentRef: string;
  at: number;
  level: Level;
  before?: Level;
  reasons: string[];
  /** Whether it fell because of how the agent works. */
  isWorse?: boolean;
}

export type AgentDecision = NonNullable<Scorecard['decision']>;

interface CardRow {
  agent_ref: string;
  title: string;
  owner_ref: string;
  risk_tier: RiskTier | null;
  level: Level;
  lower_level: Level | null;
  since: number | string;
  computed_at: number | string;
  passed: number;
  total: number;
  strength: number;
  checks: string;
  kpis: string;
  evidence: string;
}

/** How agents stand, how they stood, and what was decided about them. */
export class ScorecardStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** What is kept of some agents, by ref. */
  async byRefs(agentRefs: string[]): Promise<Map<string, KeptScorecard>> {
    const rows: CardRow[] = [];
    for (let i = 0; i < agentRefs.length; i += BATCH) {
      rows.push(
        ...(await this.#knex(CARDS).whereIn(
          'agent_ref',
          agentRefs.slice(i, i + BATCH),
        )),
      );
    }
    return new Map(rows.map(row => [row.agent_ref, toKept(row)]));
  }

  /** A page, the weakest first; of these agents only, or of all. */
  async list(
    query: {
      ownerRef?: string;
      level?: Level;
      limit: number;
      cursor?: string;
    },
    agentRefs?: string[],
  ): Promise<{ items: KeptScorecard[]; nextCursor?: string }> {
    const { ownerRef, level, limit, cursor } = query;
    const select = this.#among({ ownerRef, level }, agentRefs);
    const position = decodeCursor(cursor, positionSchema);
    if (position) {
      const [strength, ref] = position;
      select.andWhere(place =>
        place
          .where('strength', '>', strength)
          .orWhere(tie =>
            tie.where('strength', strength).andWhere('agent_ref', '>', ref),
          ),
      );
    }
    const rows: CardRow[] = await select
      .orderBy(['strength', 'agent_ref'])
      .limit(limit + 1);
    const kept = rows.slice(0, limit);
    const last = kept.at(-1);
    return {
      items: kept.map(toKept),
      ...(rows.length > limit &&
        last && {
          nextCursor: encodeCursor([Number(last.strength), last.agent_ref]),
        }),
    };
  }

  /** How many agents have each level. */
  async countLevels(
    filter: { ownerRef?: string },
    agentRefs?: string[],
  ): Promise<Record<string, number>> {
    const rows: Array<{ level: string; count: number | string }> =
      await this.#among(filter, agentRefs)
        .groupBy('level')
        .select('level')
        .count({ count: '*' });
    return Object.fromEntries(
      rows.map(({ level, count }) => [level, Number(count)]),
    );
  }

  /** All agents that have a scorecard. */
  async agents(): Promise<string[]> {
    return this.#knex(CARDS).orderBy('agent_ref').pluck('agent_ref');
  }

  /** All that some people and groups own. */
  async agentsOf(ownerRefs: string[]): Promise<string[]> {
    return this.#knex(CARDS)
      .whereIn('owner_ref', ownerRefs)
      .orderBy('agent_ref')
      .pluck('agent_ref');
  }

  /** The risk tier of those of some agents of which it is known. */
  async tiersOf(agentRefs: string[]): Promise<Map<string, RiskTier>> {
    const rows: Array<Pick<CardRow, 'agent_ref' | 'risk_tier'>> =
      await this.#knex(CARDS)
        .whereIn('agent_ref', agentRefs)
        .whereNotNull('risk_tier')
        .select('agent_ref', 'risk_tier');
    return new Map(rows.map(row => [row.agent_ref, row.risk_tier!]));
  }

  /** Writes what was computed, and the changes of level that came of it. */
  async put(cards: KeptScorecard[], changes: LevelChange[]): Promise<void> {
    for (let i = 0; i < cards.length; i += BATCH) {
      const some = cards.slice(i, i + BATCH);
      const refs = new Set(some.map(({ agentRef }) => agentRef));
      const changed = changes.filter(({ agentRef }) => refs.has(agentRef));
      await this.#knex.transaction(async tx => {
        await tx(CARDS).insert(some.map(toRow)).onConflict('agent_ref').merge();
        if (changed.length) {
          await tx(CHANGES).insert(
            changed.map(({ agentRef, at, level, before, reasons }) => ({
              id: randomUUID(),
              agent_ref: agentRef,
              ...{ at, level, before: before ?? null },
              reasons: JSON.stringify(reasons),
            })),
          );
        }
      });
    }
  }

  /** Forgets agents that were not among those that were computed last. */
  async removeComputedBefore(before: number): Promise<void> {
    await this.#knex(CARDS).where('computed_at', '<', before).delete();
  }

  async changes(
    agentRef: string,
    page: { limit: number; cursor?: string },
  ): Promise<LevelChangeList> {
    const { rows, nextCursor } = await readPage<{
      id: string;
      at: number | string;
      level: Level;
      before: Level | null;
      reasons: string;
    }>(this.#knex(CHANGES).where({ agent_ref: agentRef }), 'at', page);
    return {
      items: rows.map(({ at, level, before, reasons }) => ({
        at: iso(at),
        level,
        ...(before && { before }),
        reasons: JSON.parse(reasons),
      })),
      ...(nextCursor && { nextCursor }),
    };
  }

  /** Deletes changes of levels and decisions that are older. */
  async removeHistoryBefore(before: number): Promise<void> {
    await this.#knex(CHANGES).where('at', '<', before).delete();
    await this.#knex(DECISIONS).where('at', '<', before).delete();
  }

  async decide(
    agentRef: string,
    by: string,
    { decision, note, nextInDays = 90 }: DecideOnAgentRequest,
    now = Date.now(),
  ): Promise<void> {
    await this.#knex(DECISIONS).insert({
      id: randomUUID(),
      agent_ref: agentRef,
      decision,
      note: note ?? null,
      decided_by: by,
      at: now,
      next_at: now + nextInDays * DAY_MS,
    });
  }

  /** The last decision on each of some agents. */
  async decisionsOf(agentRefs: string[]): Promise<Map<string, AgentDecision>> {
    const found = new Map<string, AgentDecision>();
    for (let i = 0; i < agentRefs.length; i += BATCH) {
      const rows = await this.#knex(`${DECISIONS} as d`)
        .whereIn('d.agent_ref', agentRefs.slice(i, i + BATCH))
        .whereNotExists(
          this.#knex(`${DECISIONS} as later`)
            .select(this.#knex.raw('1'))
            .where('later.agent_ref', this.#knex.ref('d.agent_ref'))
            .where('later.at', '>', this.#knex.ref('d.at')),
        )
        .select('d.*');
      for (const row of rows) {
        found.set(row.agent_ref, {
          decision: row.decision,
          ...(row.note && { note: row.note }),
          by: row.decided_by,
          at: iso(row.at),
          nextAt: iso(row.next_at),
        });
      }
    }
    return found;
  }

  /** Takes the name and the note of a person from what they decided. */
  async erase(person: string): Promise<number> {
    return this.#knex(DECISIONS)
      .where({ decided_by: person })
      .update({ decided_by: `erased:${randomUUID()}`, note: null });
  }

  #among(
    { ownerRef, level }: { ownerRef?: string; level?: Level },
    agentRefs?: string[],
  ): Knex.QueryBuilder {
    const select = this.#knex(CARDS).where({
      ...(ownerRef && { owner_ref: ownerRef }),
      ...(level && { level }),
    });
    return agentRefs ? select.whereIn('agent_ref', agentRefs) : select;
  }
}

function toRow(card: KeptScorecard): CardRow {
  const asked = card.checks.filter(each => each.status !== 'not-applicable');
  return {
    agent_ref: card.agentRef,
    title: card.title.slice(0, 255),
    owner_ref: card.ownerRef,
    risk_tier: card.tier ?? null,
    level: card.level,
    lower_level: card.lowerLevel ?? null,
    since: card.since,
    computed_at: card.computedAt,
    passed: asked.filter(({ status }) => status === 'passed').length,
    total: asked.length,
    strength: card.strength,
    checks: JSON.stringify(card.checks),
    kpis: JSON.stringify(card.kpis),
    evidence: JSON.stringify(card.evidence),
  };
}

function toKept(row: CardRow): KeptScorecard {
  return {
    agentRef: row.agent_ref,
    title: row.title,
    ownerRef: row.owner_ref,
    ...(row.risk_tier && { tier: row.risk_tier }),
    level: row.level,
    ...(row.lower_level && { lowerLevel: row.lower_level }),
    since: Number(row.since),
    computedAt: Number(row.computed_at),
    strength: Number(row.strength),
    checks: JSON.parse(row.checks),
    kpis: JSON.parse(row.kpis),
    evidence: JSON.parse(row.evidence),
  };
}
