import { stringify } from 'yaml';
import type { AgentDraft } from './agentDraft';

/** `budget.yaml`: what the agent may spend in a month. */
export function budgetFile(draft: AgentDraft): string {
  const comment = [
    '# What this agent may spend on models in a calendar month (UTC).',
    '# The limits of a single run are spec.quotas in catalog-info.yaml.',
    '',
  ].join('\n');
  return (
    comment +
    stringify({
      scope: { agent: `agent:default/${draft.name}` },
      period: 'month',
      limitUsd: draft.monthlyBudgetUsd ?? null,
      warnAtPercent: [50, 80, 100],
    })
  );
}
