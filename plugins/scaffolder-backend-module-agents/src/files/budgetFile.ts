import { stringify } from 'yaml';
import type { AgentDraft } from './agentDraft';

/** Annotation from which the model gateway takes an agent's budget of a month, in US dollars. */
export const MONTHLY_BUDGET_ANNOTATION = 'agentportal.dev/monthly-budget-usd';

/**
 * `budget.yaml`: what the agent may spend in a month, in the form of an entry of
 * `models.budgets` in app-config.
 */
export function budgetFile(draft: AgentDraft): string {
  const comment = [
    '# What this agent may spend on models in a calendar month (UTC).',
    `# The portal takes the limit from the annotation ${MONTHLY_BUDGET_ANNOTATION}`,
    '# in catalog-info.yaml; this is the same budget for an operator to put into',
    '# models.budgets. The limits of a single run are spec.quotas.',
    '',
  ].join('\n');
  return (
    comment +
    stringify({
      scope: { type: 'agent', ref: `agent:default/${draft.name}` },
      window: 'month',
      limitUsd: draft.monthlyBudgetUsd ?? null,
      softThresholds: [0.5, 0.8, 1],
    })
  );
}
