import type { PluginAsker } from '@agentportal/plugin-agents-node';
import type { ToolsClient } from '@agentportal/plugin-tools-common';
import { pages } from '../../service/pages';
import type { EvidenceSource } from './Evidence';

const DAY_MS = 86_400_000;
const DAYS = 30;
const PAGE = 1_000;
/** A flood says no more of an agent than that there is one. */
const MAX_PAGES = 100;

/** In how many runs the guard found something in what tools returned. */
export function guardEvidence(options: {
  tools: Pick<ToolsClient, 'listGuardFindings'>;
  ask: PluginAsker;
}): EvidenceSource {
  return {
    name: 'tools',
    async read(agents, now) {
      const today = Math.floor(now / DAY_MS);
      const first = today - DAYS + 1;
      const from = new Date((first - DAYS) * DAY_MS).toISOString();
      // A run counts once, on the day of its first finding.
      const seen = new Set<string>();
      const daysOf = new Map<string, Map<number, number>>();
      let left = MAX_PAGES;
      const findings = pages(cursor =>
        options.ask(by =>
          options.tools.listGuardFindings({ from, limit: PAGE, cursor }, by),
        ),
      );
      for await (const page of findings) {
        for (const { agentRef, runId, foundAt } of page) {
          const key = `${agentRef} ${runId}`;
          if (runId && !seen.has(key)) {
            seen.add(key);
            const day = Math.floor(Date.parse(foundAt) / DAY_MS);
            const days = daysOf.get(agentRef) ?? new Map<number, number>();
            daysOf.set(agentRef, days.set(day, (days.get(day) ?? 0) + 1));
          }
        }
        left -= 1;
        if (left === 0) {
          break;
        }
      }
      return new Map(
        agents.map(({ ref }) => {
          const days = [...(daysOf.get(ref) ?? [])];
          const sum = (isOf: (day: number) => boolean) =>
            days.reduce((all, [day, runs]) => all + (isOf(day) ? runs : 0), 0);
          return [
            ref,
            {
              guard: {
                at: now,
                runs: sum(day => day >= first),
                before: sum(day => day < first),
                days: days
                  .filter(([day]) => day >= first)
                  .map(([day, runs]) => ({
                    day: new Date(day * DAY_MS).toISOString().slice(0, 10),
                    runs,
                  })),
              },
            },
          ];
        }),
      );
    },
  };
}
