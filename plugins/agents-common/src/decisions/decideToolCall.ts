import type { AgentEntity } from '../kinds/AgentEntity';
import type { Autonomy, RiskTier } from '../kinds/riskTier';
import { agentRefsOf } from '../refs/specRefs';
import { autonomyCeiling, lowestAutonomy } from './autonomyCeiling';
import { type Decision, nameOf } from './Decision';
import { decideAgentState } from './decideAgentState';

/**
 * Whether an agent may call a tool by itself: the agent declares the tool, and
 * its autonomy reaches the tool's risk tier. What the person may do is decided
 * apart from this.
 *
 * @public
 */
export function decideToolCall(options: {
  agent: AgentEntity;
  /** Full entity ref of the tool. */
  toolRef: string;
  riskTier: RiskTier;
  /** Lowest autonomy of the agents that handed this work on. */
  ceiling?: Autonomy;
}): Decision {
  const { agent, riskTier } = options;
  const toolRef = options.toolRef.toLocaleLowerCase('en-US');
  const who = nameOf(agent);

  const { allowed, reason } = decideAgentState({ agentRef: who, agent });
  if (!allowed) {
    return { allowed, reason: reason! };
  }
  if (!declaredBy(agent).has(toolRef)) {
    return refuse(
      `${who} does not declare ${toolRef}. Its owner can add it to spec.tools.`,
    );
  }
  if (riskTier === 'forbidden') {
    return refuse(`${toolRef} is forbidden: nobody and nothing may call it.`);
  }
  if (riskTier === 'critical') {
    return refuse(
      `${toolRef} is critical: every call needs an approval by a person, and approvals are not available yet.`,
    );
  }
  const autonomy = lowestAutonomy([
    agent.spec.autonomy,
    ...(options.ceiling ? [options.ceiling] : []),
  ]);
  const ceiling = autonomyCeiling(autonomy);
  if (!ceiling.includes(riskTier)) {
    const handed = autonomy === agent.spec.autonomy ? '' : ' for this task';
    return refuse(
      `${who} is on ${autonomy}${handed}, which covers ${inWords(
        ceiling,
      )} tools without an approval; ${toolRef} is ${riskTier}.`,
    );
  }
  return {
    allowed: true,
    reason: `${who} declares ${toolRef}, and ${autonomy} covers ${riskTier} tools.`,
  };
}

/** A list decides about every tool for one agent, whose refs need to be parsed once. */
const declared = new WeakMap<AgentEntity, ReadonlySet<string>>();

function declaredBy(agent: AgentEntity): ReadonlySet<string> {
  let refs = declared.get(agent);
  if (!refs) {
    refs = new Set(agentRefsOf(agent).tools);
    declared.set(agent, refs);
  }
  return refs;
}

function refuse(reason: string): Decision {
  return { allowed: false, reason };
}

function inWords(tiers: RiskTier[]): string {
  if (tiers.length < 2) {
    return tiers.length ? `only ${tiers[0]}` : 'no';
  }
  return `${tiers.slice(0, -1).join(', ')} and ${tiers[tiers.length - 1]}`;
}
