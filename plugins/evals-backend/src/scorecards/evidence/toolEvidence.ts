import { RISK_TIERS, type RiskTier } from '@agentportal/plugin-agents-common';
import type { PluginAsker } from '@agentportal/plugin-agents-node';
import type {
  ToolsClient,
  ToolSummary,
} from '@agentportal/plugin-tools-common';
import { pages } from '../../service/pages';
import type { Evidence, KnownAgent } from './Evidence';

const PAGE = 100;

/** Whether the tools of agents are there, and how risky they are. */
export function toolEvidence(options: {
  tools: Pick<ToolsClient, 'listTools'>;
  ask: PluginAsker;
}) {
  return {
    name: 'tools',
    async read(
      agents: Array<Pick<KnownAgent, 'ref' | 'toolRefs'>>,
      now: number,
    ): Promise<Map<string, Evidence>> {
      const known = new Map<string, ToolSummary>();
      const tools = pages(cursor =>
        options.ask(by => options.tools.listTools({ limit: PAGE, cursor }, by)),
      );
      for await (const page of tools) {
        page.forEach(tool => known.set(tool.ref, tool));
      }
      return new Map(
        agents.map(({ ref, toolRefs }) => {
          const found = toolRefs.map(toolRef => known.get(toolRef));
          const tiers = found.flatMap(tool => tool?.riskTier ?? []);
          return [
            ref,
            {
              tools: {
                at: now,
                declared: toolRefs.length,
                unsound: toolRefs.filter(
                  (_, i) =>
                    found[i] === undefined || found[i].status === 'invalid',
                ),
                // A tool that is not there could be anything.
                ...(found.every(Boolean) && { tier: highestOf(tiers) }),
              },
            },
          ];
        }),
      );
    },
  };
}

/** The riskiest of some tiers; `read` where there are no tools. */
function highestOf(tiers: RiskTier[]): RiskTier {
  return RISK_TIERS.findLast(tier => tiers.includes(tier)) ?? RISK_TIERS[0];
}
