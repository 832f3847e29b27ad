import type { PluginAsker } from '@agentportal/plugin-agents-node';
import type {
  BudgetSummary,
  ModelsClient,
} from '@agentportal/plugin-models-common';
import { pages } from '../../service/pages';
import type { Evidence, EvidenceSource } from './Evidence';

const PAGE = 100;
/** Before so much of a window is over, nothing is said of its end. */
const EARLY = 0.1;

/** The budgets of agents, and whether they will do. */
export function budgetEvidence(options: {
  models: Pick<ModelsClient, 'listBudgets'>;
  ask: PluginAsker;
}): EvidenceSource {
  return {
    name: 'models',
    async read(agents, now) {
      const found = new Map<string, Evidence>(
        agents.map(({ ref }) => [ref, { budget: { at: now } }]),
      );
      const budgets = pages(cursor =>
        options.ask(by =>
          options.models.listBudgets(
            { scopeType: 'agent', limit: PAGE, cursor },
            by,
          ),
        ),
      );
      for await (const page of budgets) {
        for (const budget of page) {
          const known = found.get(budget.scope.ref ?? '')?.budget;
          if (known) {
            const course = courseOf(budget, now);
            known.limitNanoUsd = Math.min(
              known.limitNanoUsd ?? Infinity,
              budget.limitNanoUsd,
            );
            if (course !== undefined) {
              known.course = Math.max(known.course ?? 0, course);
            }
          }
        }
      }
      return found;
    },
  };
}

/** What part of its limit a budget will have spent when it begins anew, if it goes on so. */
function courseOf(
  {
    limitNanoUsd,
    usage: { spentNanoUsd, windowStart, renewsAt },
  }: BudgetSummary,
  now: number,
): number | undefined {
  if (!renewsAt || limitNanoUsd <= 0) {
    return undefined;
  }
  const start = Date.parse(windowStart);
  const passed = (now - start) / (Date.parse(renewsAt) - start);
  return spentNanoUsd / limitNanoUsd / Math.min(1, Math.max(EARLY, passed));
}
