import type {
  ComplexityOutcome,
  ComplexityTier,
} from '@agentportal/model-gateway';
import type { Knex } from 'knex';

const TABLE = 'model_complexity_outcomes';

/** The tiers by the number that rows have. */
const TIERS: readonly ComplexityTier[] = [
  'simple',
  'medium',
  'complex',
  'reasoning',
];

/** So many of a tenant's newest outcomes are enough to judge by. */
const MAX_OUTCOMES = 5_000;

/** What a caller says of an answer. */
export interface RecordedOutcome {
  callId: string;
  tenant: string;
  /** Per mille. */
  complexity: number;
  tier: ComplexityTier;
  succeeded: boolean;
  /** From 0 to 1. */
  grade?: number;
}

/** Keeps what callers say of answers. */
export class OutcomeStore {
  readonly #db: Knex;

  constructor(db: Knex) {
    this.#db = db;
  }

  /** What is said later of the same call goes before what was said. */
  async put(outcome: RecordedOutcome, now: number): Promise<void> {
    await this.#db(TABLE)
      .insert({
        call_id: outcome.callId,
        tenant: outcome.tenant,
        complexity: outcome.complexity,
        tier: TIERS.indexOf(outcome.tier),
        succeeded: outcome.succeeded,
        grade:
          outcome.grade === undefined ? null : Math.round(outcome.grade * 1000),
        recorded_at: now,
      })
      .onConflict('call_id')
      .merge(['succeeded', 'grade', 'recorded_at']);
  }

  /** Tenants that said something since then. */
  async tenantsSince(since: number): Promise<string[]> {
    return this.#db(TABLE)
      .where('recorded_at', '>=', since)
      .distinct()
      .pluck('tenant');
  }

  async outcomesOf(
    tenant: string,
    since: number,
  ): Promise<ComplexityOutcome[]> {
    const rows = await this.#db(TABLE)
      .select('complexity', 'tier', 'succeeded')
      .where({ tenant })
      .where('recorded_at', '>=', since)
      .orderBy('recorded_at', 'desc')
      .limit(MAX_OUTCOMES);
    return rows.map(row => ({
      score: row.complexity / 1000,
      tier: TIERS[row.tier],
      succeeded: Boolean(row.succeeded),
    }));
  }

  async deleteBefore(moment: number): Promise<void> {
    await this.#db(TABLE).where('recorded_at', '<', moment).delete();
  }
}
