import type { BudgetScope, BudgetSource } from '../budgets/budget';

/** What a rate limit counts. */
export const MEASURES = ['requests', 'tokens', 'parallel'] as const;

export type RateMeasure = (typeof MEASURES)[number];

/**
 * How fast a scope may call models. Zero means nobody may.
 */
export interface RateLimit {
  id: string;
  scope: BudgetScope;
  measure: RateMeasure;
  /** Of requests or tokens; they flow continuously, so no minute has an edge. */
  perMinute?: number;
  /** Of `parallel`: how many calls may be under way at once. */
  limit?: number;
  /**
   * How many requests or tokens may come at once after a quiet time. Default is
   * what comes in a minute.
   */
  burst?: number;
  source: BudgetSource;
  /** ms since the epoch. */
  createdAt: number;
  createdBy: string;
  updatedAt: number;
  updatedBy: string;
}
