import {
  autonomyCeiling,
  type Autonomy,
  type RiskTier,
} from '@agentportal/plugin-agents-common';
import type { AgentsReactTranslation } from '../translation';

/** What a set of tools amounts to, in sentences. */
export interface ToolsInWords {
  /** What the tools may do. */
  summary: string;
  /** What the chosen autonomy will not let the agent do with them. */
  warning?: string;
}

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
  t: AgentsReactTranslation,
): ToolsInWords {
  if (tools.length === 0) {
    return { summary: t('toolsInWords.none') };
  }
  const parts = ORDER.flatMap(tier => {
    const count = tools.filter(tool => tool.riskTier === tier).length;
    return count ? [t(`toolsInWords.${tier}`, { count })] : [];
  });
  const summary = t('toolsInWords.summary', { does: joined(parts, t) });
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
    .map(tool => `${tool.title} (${t(`risk.${tool.riskTier}.word`)})`);
  const rest = beyond.length - names.length;
  const which = joined(
    rest > 0
      ? [...names, t('toolsInWords.more', { rest: String(rest) })]
      : names,
    t,
  );
  const isHopeless = beyond.some(
    ({ riskTier }) => riskTier === 'critical' || riskTier === 'forbidden',
  );
  return {
    summary,
    warning: t(
      isHopeless ? 'toolsInWords.needsApproval' : 'toolsInWords.raise',
      { autonomy: t(`autonomy.${autonomy}.word`), which },
    ),
  };
}

function joined(parts: string[], t: AgentsReactTranslation): string {
  return parts.length < 2
    ? parts.join('')
    : t('toolsInWords.and', {
        first: parts.slice(0, -1).join(t('toolsInWords.comma')),
        last: parts[parts.length - 1],
      });
}
