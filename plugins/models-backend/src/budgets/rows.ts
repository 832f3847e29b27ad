import type {
  Budget,
  BudgetScopeType,
  BudgetSource,
  BudgetWindow,
} from './budget';

/** Big integers come as text from PostgreSQL and as numbers from SQLite. */
type BigInteger = number | string;

export interface BudgetRow {
  id: string;
  scope_type: BudgetScopeType;
  scope_ref: string;
  period: BudgetWindow;
  limit_nano_usd: BigInteger;
  thresholds: string;
  source: BudgetSource;
  created_at: BigInteger;
  created_by: string;
  updated_at: BigInteger;
  updated_by: string;
}

export interface WindowRow {
  budget_id: string;
  window_start: BigInteger;
  spent_nano_usd: BigInteger;
  held_nano_usd: BigInteger;
  carried_nano_usd: BigInteger;
  announced: number;
}

export function toBudget(row: BudgetRow): Budget {
  return {
    id: row.id,
    scope: { type: row.scope_type, ref: row.scope_ref },
    window: row.period,
    limitNanoUsd: Number(row.limit_nano_usd),
    softThresholds: JSON.parse(row.thresholds),
    source: row.source,
    createdAt: Number(row.created_at),
    createdBy: row.created_by,
    updatedAt: Number(row.updated_at),
    updatedBy: row.updated_by,
  };
}
