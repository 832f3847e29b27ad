import type {
  AutonomyBasis,
  Autonomy,
  RiskTier,
} from '@agentportal/plugin-agents-common';
import { readPage } from '@agentportal/plugin-agents-node';
import type { Knex } from 'knex';
import type { StoredTime } from '../store/times';

/** A row of `agent_earned_autonomy`. */
export interface EarnedRow {
  id: string;
  agent_ref: string;
  /** Where the agent came from then. */
  origin: string | null;
  tool_ref: string;
  /** Of the tool, then. */
  risk_tier: RiskTier;
  /** Of the agent, then. */
  autonomy: Autonomy;
  asked_per_mille: number;
  approval_id: string;
  /** JSON of an {@link AutonomyBasis}. */
  basis: string;
  created_at: StoredTime;
  ended_at: StoredTime | null;
  ended_by: string | null;
  end_reason: string | null;
}

/** What people let an agent do. */
export interface NewEarned {
  id: string;
  agentRef: string;
  origin: string | null;
  toolRef: string;
  riskTier: RiskTier;
  autonomy: Autonomy;
  askedPerMille: number;
  approvalId: string;
  basis: AutonomyBasis;
}

const TABLE = 'agent_earned_autonomy';

/** Tools that agents may call without asking. */
export class EarnedAutonomyStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** Takes the place of what was earned of the same tool before. */
  async add(earned: NewEarned, now: number): Promise<void> {
    await this.#knex(TABLE)
      .where({ agent_ref: earned.agentRef, tool_ref: earned.toolRef })
      .whereNull('ended_at')
      .update({
        ended_at: now,
        ended_by: 'plugin:agents',
        end_reason: 'It was approved anew.',
      });
    await this.#knex(TABLE).insert({
      id: earned.id,
      agent_ref: earned.agentRef,
      origin: earned.origin,
      tool_ref: earned.toolRef,
      risk_tier: earned.riskTier,
      autonomy: earned.autonomy,
      asked_per_mille: earned.askedPerMille,
      approval_id: earned.approvalId,
      basis: JSON.stringify(earned.basis),
      created_at: now,
      ended_at: null,
      ended_by: null,
      end_reason: null,
    });
  }

  /** What was not ended, by agent. */
  async activeByAgent(
    agentRefs: readonly string[],
  ): Promise<Map<string, EarnedRow[]>> {
    const rows: EarnedRow[] = agentRefs.length
      ? await this.#knex(TABLE)
          .whereIn('agent_ref', agentRefs)
          .whereNull('ended_at')
          .orderBy([{ column: 'created_at', order: 'desc' }, 'id'])
      : [];
    return Map.groupBy(rows, row => row.agent_ref);
  }

  /** Of all agents what was not ended, the newest first. */
  async active(page: { limit: number; cursor?: string }) {
    return readPage<EarnedRow>(
      this.#knex(TABLE).whereNull('ended_at'),
      'created_at',
      page,
    );
  }

  /** Of an agent, ended or not, the newest first. */
  async newestOf(agentRef: string, limit: number): Promise<EarnedRow[]> {
    const { rows } = await readPage<EarnedRow>(
      this.#knex(TABLE).where('agent_ref', agentRef),
      'created_at',
      { limit },
    );
    return rows;
  }

  async get(id: string): Promise<EarnedRow | undefined> {
    return this.#knex(TABLE).where('id', id).first();
  }

  /** @returns whether it had not ended before */
  async end(
    id: string,
    by: string,
    reason: string,
    now: number,
  ): Promise<boolean> {
    const ended = await this.#knex(TABLE)
      .where('id', id)
      .whereNull('ended_at')
      .update({ ended_at: now, ended_by: by, end_reason: reason });
    return ended > 0;
  }
}
