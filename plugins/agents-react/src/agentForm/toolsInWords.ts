import {
  autonomyCeiling,
  type Autonomy,
  type RiskTier,
} from '@agentportal/plugin-agents-common';

/** What a set of tools amounts to, in sentences. */
export interface ToolsInWords {
  /** What the tools may do. */
  summary: string;
  /** What the chosen autonomy will not let the agent do with them. */
  warning?: string;
}

const DOES: Record<RiskTier, string> = {
  read: 'reads with',
  write: 'changes our own data with',
  external: 'reaches outside systems with',
  critical: 'can destroy or spend with',
  forbidden: 'may never call',
};

const ORDER: RiskTier[] = [
  'read',
  'write',
  'external',
  'critical',
  'forbidden',
];

/** Says what tools may do, and which of them go beyond the autonomy. */
export function toolsInWords(
  tools: ReadonlyArray<{ title: string; riskTier: RiskTier }>,
  autonomy: Autonomy | undefined,
): ToolsInWords {
  if (tools.length === 0) {
    return {
      summary:
        'No tools yet: the agent answers from its instructions alone and looks nothing up.',
    };
  }
  const parts = ORDER.flatMap(tier => {
    const count = tools.filter(tool => tool.riskTier === tier).length;
    return count
      ? [`${DOES[tier]} ${count} ${count === 1 ? 'tool' : 'tools'}`]
      : [];
  });
  const summary = `The agent ${joined(parts)}.`;
  if (!autonomy) {
    return { summary };
  }
  const ceiling = autonomyCeiling(autonomy);
  const beyond = tools.filter(tool => !ceiling.includes(tool.riskTier));
  if (beyond.length === 0) {
    return { summary };
  }
  const names = beyond
    .slice(0, 3)
    .map(tool => `${tool.title} (${tool.riskTier})`);
  const rest = beyond.length - names.length;
  const which = joined(rest > 0 ? [...names, `${rest} more`] : names);
  return {
    summary,
    warning: `As ${autonomy} it may not call ${which} by itself: those calls are refused. ${advice(
      beyond.map(tool => tool.riskTier),
    )}`,
  };
}

function advice(tiers: RiskTier[]): string {
  if (tiers.some(tier => tier === 'critical' || tier === 'forbidden')) {
    return 'Critical calls need the approval of a person, whatever the autonomy.';
  }
  return 'Raise the autonomy or leave them out.';
}

function joined(parts: string[]): string {
  return parts.length < 2
    ? parts.join('')
    : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}
