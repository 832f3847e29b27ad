import type {
  BudgetScope,
  BudgetSummary,
  BudgetWindow,
} from '@agentportal/plugin-models-common';
import { parseEntityRef } from '@backstage/catalog-model';
import { readableUsd } from './usd';

type ScopeType = BudgetScope['type'];

/** What a budget can be of, in the order of menus. */
export const SCOPES: ReadonlyArray<{
  id: ScopeType;
  label: string;
  /** Kinds of the catalog that it is picked from. */
  kinds?: string[];
}> = [
  { id: 'agent', label: 'Agent', kinds: ['Agent'] },
  { id: 'owner', label: 'Owner', kinds: ['Group', 'User'] },
  { id: 'system', label: 'System', kinds: ['System'] },
  { id: 'domain', label: 'Domain', kinds: ['Domain'] },
  { id: 'user', label: 'Person', kinds: ['User'] },
  { id: 'model', label: 'Model' },
  { id: 'organisation', label: 'Organisation' },
  { id: 'key', label: 'Key' },
  { id: 'run', label: 'Run' },
];

export const WINDOWS: ReadonlyArray<{ id: BudgetWindow; label: string }> = [
  { id: 'hour', label: 'Each hour' },
  { id: 'day', label: 'Each day' },
  { id: 'week', label: 'Each week' },
  { id: 'month', label: 'Each month' },
  { id: 'quarter', label: 'Each quarter' },
  { id: 'total', label: 'Once, in total' },
];

const PER: Record<BudgetWindow, string> = {
  hour: 'an hour',
  day: 'a day',
  week: 'a week',
  month: 'a month',
  quarter: 'a quarter',
  total: 'in total',
};

/** What of the past a new budget counts. */
export const ALREADY: Record<BudgetWindow, string> = {
  hour: 'What was spent this hour counts already.',
  day: 'What was spent today counts already.',
  week: 'What was spent this week counts already.',
  month: 'What was spent this month counts already.',
  quarter: 'What was spent this quarter counts already.',
  total: 'What was ever spent counts already.',
};

/** What happens near the limit: what the gateway does before it refuses a call. */
export const NEAR_THE_LIMIT =
  'When it is nearly used up, answers are kept short, then a route takes another of its models that still fits, and only then calls are refused.';

/** "50.00 USD a month" */
export function limitWords(limitNanoUsd: number, window: BudgetWindow): string {
  return `${readableUsd(limitNanoUsd)} USD ${PER[window]}`;
}

/** The name of what a budget is of, where its title is not known. */
export function nameOfScope(scope: BudgetScope): string {
  if (scope.type === 'organisation') return 'The whole organisation';
  const ref = scope.ref ?? '';
  if (['model', 'key', 'run'].includes(scope.type)) return ref;
  try {
    return parseEntityRef(ref).name;
  } catch {
    return ref;
  }
}

/** What a budget means, in sentences. */
export function previewOf(terms: {
  name: string;
  limitNanoUsd: number;
  window: BudgetWindow;
  softThresholds: number[];
}): string {
  const { name, limitNanoUsd, softThresholds, window } = terms;
  const soft = softThresholds.filter(threshold => threshold < 1);
  const told = soft.length
    ? `At ${listOf(
        soft.map(percent),
      )} the owners are told; at the limit calls are refused.`
    : 'At the limit calls are refused.';
  return `${name} may spend ${limitWords(limitNanoUsd, window)}. ${told}`;
}

/** Where a budget is written, and where to change it. */
export function sourceWords(budget: BudgetSummary): {
  label: string;
  hint: string;
} {
  switch (budget.source) {
    case 'config':
      return {
        label: 'Configuration',
        hint: `Change it under ${budget.createdBy} in the portal’s app-config.`,
      };
    case 'catalog':
      return {
        label: 'Catalog',
        hint: `Change the annotation agentportal.dev/monthly-budget-usd of ${budget.createdBy}, in its source.`,
      };
    default:
      return {
        label: 'Portal',
        hint: budget.editable
          ? 'Set here; you may change it.'
          : 'Set here. Its owners and administrators may change it; ask for the permission models.budget.write.',
      };
  }
}

export function percent(threshold: number): string {
  return `${Math.round(threshold * 1000) / 10} %`;
}

export function listOf(words: string[]): string {
  return words.length < 2
    ? words.join('')
    : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
