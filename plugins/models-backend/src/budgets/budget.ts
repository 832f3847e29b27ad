import type { Account } from '@agentportal/model-gateway';

/** What a budget can apply to. */
export const SCOPE_TYPES = [
  'organisation',
  'domain',
  'system',
  'owner',
  'agent',
  'user',
  'run',
  'model',
  'key',
] as const;

export type BudgetScopeType = (typeof SCOPE_TYPES)[number];

export interface BudgetScope {
  type: BudgetScopeType;
  /**
   * Entity ref, run id, gateway id of a model or id of a key; `default` for the
   * organisation.
   */
  ref: string;
}

/** How often a budget begins anew, in UTC. */
export const WINDOWS = [
  'hour',
  'day',
  'week',
  'month',
  'quarter',
  'total',
] as const;

export type BudgetWindow = (typeof WINDOWS)[number];

/** Where a budget is written; only those of the API can be changed there. */
export type BudgetSource = 'api' | 'config' | 'catalog';

/** A limit on what may be spent on models. Money is in integer nano-USD. */
export interface Budget {
  id: string;
  scope: BudgetScope;
  window: BudgetWindow;
  limitNanoUsd: number;
  /** Parts of the limit, ascending, whose crossing is announced. */
  softThresholds: number[];
  source: BudgetSource;
  /** ms since the epoch. */
  createdAt: number;
  createdBy: string;
  updatedAt: number;
  updatedBy: string;
}

/** The one organisation that a portal has. */
export const ORGANISATION_REF = 'default';

export const DEFAULT_THRESHOLDS = [0.5, 0.8, 1];

/** What a call is to a kind of scope; `undefined` when it falls into none. */
export function scopeRefOf(
  type: BudgetScopeType,
  account: Account,
  model: string,
): string | undefined {
  switch (type) {
    case 'organisation':
      return ORGANISATION_REF;
    case 'model':
      return model;
    case 'run':
      // The ledger keeps as much of it.
      return account.runId?.slice(0, 64);
    case 'key':
      return account.keyId;
    default:
      return account[`${type}Ref`];
  }
}

export function scopeKey(scope: BudgetScope): string {
  return `${scope.type} ${scope.ref}`;
}

/** Thresholds in the order in which they are passed; without any, the usual. */
export function ascending(thresholds: number[] = DEFAULT_THRESHOLDS): number[] {
  return [...new Set(thresholds)].sort((a, b) => a - b);
}
