import type { PluginAsker } from '@agentportal/plugin-agents-node';
import type {
  AgentStats,
  OrchestrationClient,
} from '@agentportal/plugin-orchestration-common';
import type { Evidence, EvidenceSource } from './Evidence';

const DAYS = 30;
/** What one request of figures names. */
const BATCH = 100;

/** How runs went, from the figures of the orchestration plugin. */
export function runEvidence(options: {
  runs: Pick<OrchestrationClient, 'getStats'>;
  ask: PluginAsker;
}): EvidenceSource {
  const { runs, ask } = options;
  const read = async (agentRef: string[], endsDaysAgo: number) => {
    const { items } = await ask(by =>
      runs.getStats({ agentRef, days: DAYS, endsDaysAgo }, by),
    );
    return new Map(items.map(each => [each.agentRef, each]));
  };
  return {
    name: 'orchestration',
    async read(agents, now) {
      const found = new Map<string, Evidence>();
      for (let i = 0; i < agents.length; i += BATCH) {
        const refs = agents.slice(i, i + BATCH).map(({ ref }) => ref);
        const [latest, earlier] = await Promise.all([
          read(refs, 0),
          read(refs, DAYS),
        ]);
        for (const ref of refs) {
          const stats = latest.get(ref);
          const before = earlier.get(ref);
          if (stats && before) {
            found.set(ref, {
              runs: {
                at: now,
                now: { ...sums(stats), timed: stats.timed },
                before: sums(before),
                days: stats.daily.map(day => ({
                  day: day.day,
                  ended: day.succeeded + day.failed,
                  failed: day.failed,
                  costNanoUsd: day.costNanoUsd,
                  ...(day.p95DurationMs !== undefined && {
                    p95Ms: day.p95DurationMs,
                  }),
                })),
              },
            });
          }
        }
      }
      return found;
    },
  };
}

function sums(stats: AgentStats) {
  return {
    ended: stats.succeeded + stats.failed,
    failed: stats.failed,
    costNanoUsd: stats.costNanoUsd,
    ...(stats.p95DurationMs !== undefined && { p95Ms: stats.p95DurationMs }),
  };
}
