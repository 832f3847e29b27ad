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
] as const;

export type BudgetScopeType = (typeof SCOPE_TYPES)[number];

export interface BudgetScope {
  type: BudgetScopeType;
  /** Entity ref, run id or gateway id of a model; `default` for the organisation. */
  ref: string;
}

/** How often a budget begins anew, in UTC. */
export const WINDOWS = ['hour', 'day', 'month', 'total'] as const;

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

/** The scopes that a call falls into. */
export function scopesOf(account: Account, model: string): BudgetScope[] {
  const refs: Array<[BudgetScopeType, string | undefined]> = [
    ['organisation', ORGANISATION_REF],
    ['domain', account.domainRef],
    ['system', account.systemRef],
    ['owner', account.ownerRef],
    ['agent', account.agentRef],
    ['user', account.userRef],
    // The ledger keeps as much of it.
    ['run', account.runId?.slice(0, 64)],
    ['model', model],
  ];
  return refs.flatMap(([type, ref]) => (ref ? [{ type, ref }] : []));
}

export function scopeKey(scope: BudgetScope): string {
  return `${scope.type} ${scope.ref}`;
}

/** Thresholds in the order in which they are passed; without any, the usual. */
export function ascending(thresholds: number[] = DEFAULT_THRESHOLDS): number[] {
  return [...new Set(thresholds)].sort((a, b) => a - b);
}
