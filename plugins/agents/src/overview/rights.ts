import {
  RISK_TIERS,
  autonomyCeiling,
  type AgentEntity,
  type RiskTier,
  type ToolEntity,
} from '@agentportal/plugin-agents-common';
import {
  formatDuration,
  formatNanoUsd,
  formatTokens,
} from '@agentportal/plugin-agents-react';

/** A tool as the overview names it; without an entity it is only a ref. */
export interface KnownTool {
  ref: string;
  entity?: ToolEntity;
}

/** The tools of one risk tier and what the agent may do with them. */
export interface ToolGroup {
  tier: RiskTier | 'unknown';
  sentence: string;
  tools: KnownTool[];
}

function sentenceFor(tier: RiskTier, mayAlone: readonly RiskTier[]): string {
  if (tier === 'forbidden') {
    return 'Never called.';
  }
  if (mayAlone.includes(tier)) {
    return tier === 'read'
      ? 'Calls these by itself; they change nothing.'
      : 'Calls these by itself.';
  }
  return 'Not without the approval of a person.';
}

/** Groups an agent's tools by risk, the mildest first. */
export function groupTools(
  autonomy: AgentEntity['spec']['autonomy'],
  tools: readonly KnownTool[],
): ToolGroup[] {
  const mayAlone = autonomyCeiling(autonomy);
  const groups: ToolGroup[] = RISK_TIERS.map(tier => ({
    tier,
    sentence: sentenceFor(tier, mayAlone),
    tools: tools.filter(tool => tool.entity?.spec.riskTier === tier),
  }));
  groups.push({
    tier: 'unknown',
    sentence: 'Not in the catalog, or not visible to you.',
    tools: tools.filter(tool => !tool.entity),
  });
  return groups.filter(group => group.tools.length > 0);
}

const TIER_VERBS: Record<RiskTier, string> = {
  read: 'read',
  write: 'change our own data',
  external: 'reach beyond our own systems',
  critical: 'make critical calls',
  forbidden: 'use forbidden tools',
};

function joined(parts: readonly string[], last: string): string {
  return parts.length < 2
    ? parts.join('')
    : `${parts.slice(0, -1).join(', ')} ${last} ${parts[parts.length - 1]}`;
}

function withoutTools({ spec }: AgentEntity): string {
  if (spec.framework === 'a2a') {
    return 'Runs elsewhere: the portal sees what it is asked and what it answers, and not what it does there.';
  }
  return spec.workflow
    ? 'Has no tools of its own: its workflow says who does what.'
    : 'Has no tools: it answers from its instructions alone.';
}

/** By which model an agent works whose file names none. */
export function modelUnnamed({ spec }: AgentEntity): string {
  if (spec.type === 'external' || spec.framework === 'a2a') {
    return 'Its own choice';
  }
  return spec.workflow ? 'Those of its steps' : 'The default route';
}

/** What an agent may do, in sentences that need no knowledge of permissions. */
export function describeRights(
  agent: AgentEntity,
  tools: readonly KnownTool[],
): string[] {
  const { autonomy, quotas } = agent.spec;
  const mayAlone = autonomyCeiling(autonomy);
  const tiers = RISK_TIERS.filter(tier =>
    tools.some(tool => tool.entity?.spec.riskTier === tier),
  );
  const alone = tiers.filter(tier => mayAlone.includes(tier));
  const asks = tiers.filter(
    tier => !mayAlone.includes(tier) && tier !== 'forbidden',
  );
  const sentences: string[] = [];
  if (tools.length === 0) {
    sentences.push(withoutTools(agent));
  }
  if (alone.length > 0) {
    sentences.push(
      `May ${joined(
        alone.map(tier => TIER_VERBS[tier]),
        'and',
      )} by itself.`,
    );
  }
  if (asks.length > 0) {
    sentences.push(
      `May ${joined(
        asks.map(tier => TIER_VERBS[tier]),
        'or',
      )} only after a person approves.`,
    );
  }
  const limits = [
    quotas?.maxToolCalls !== undefined && `${quotas.maxToolCalls} tool calls`,
    quotas?.maxTokens !== undefined &&
      formatTokens(quotas.maxTokens, { unit: true }),
    quotas?.maxCostUsd !== undefined && formatNanoUsd(quotas.maxCostUsd * 1e9),
    quotas?.maxDurationSeconds !== undefined &&
      formatDuration(quotas.maxDurationSeconds * 1000),
  ].filter((limit): limit is string => Boolean(limit));
  if (limits.length > 0) {
    sentences.push(`A run ends after ${joined(limits, 'or')}.`);
  }
  return sentences;
}
