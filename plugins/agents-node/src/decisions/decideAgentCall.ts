import type { RuleEngine, RuleHit, RuledCall } from '@agentportal/agent-rules';
import {
  type AgentEntity,
  agentRefsOf,
  type Autonomy,
  type Decision,
  decideToolCall,
  lowestAutonomy,
  type RiskTier,
} from '@agentportal/plugin-agents-common';

/**
 * A tool call of an agent. Without `args` the question is whether the tool belongs into
 * the agent's list, which only what needs no call decides.
 *
 * @public
 */
export interface AgentCallQuestion
  extends Pick<
    RuledCall,
    'args' | 'person' | 'history' | 'provenance' | 'now'
  > {
  /** Full ref of the agent. */
  agentRef: string;
  agent: AgentEntity;
  tool: RuledCall['tool'];
  /** Lowest autonomy of the agents that handed the work on. */
  ceiling?: Autonomy;
}

/**
 * What is decided, in a sentence, and by which rules.
 *
 * @public
 */
export interface AgentCallDecision extends Decision {
  /** Rules that refuse. */
  ruleIds: string[];
  /** Rules that would refuse, but only write it down. */
  logOnly: RuleHit[];
}

/**
 * The decision about a call: what the agent declares and its autonomy covers, and then
 * the rules. Rules only take away: one that allowed more than the table would be a way
 * round the owner of the tool, who set its tier, and of the agent, who declared it.
 *
 * @public
 */
export function decideAgentCall(
  engine: RuleEngine,
  question: AgentCallQuestion,
): AgentCallDecision {
  const { agent, agentRef, tool, ceiling } = question;
  const table = decideToolCall({
    agent,
    toolRef: tool.ref,
    riskTier: tool.riskTier as RiskTier,
    ceiling,
  });
  if (!table.allowed) {
    return { ...table, ruleIds: [], logOnly: [] };
  }
  const { spec } = agent;
  const { allowed, refusedBy, logOnly } = engine.judge({
    ...question,
    agent: {
      ref: agentRef,
      ownerRef: agentRefsOf(agent).owner,
      autonomy: lowestAutonomy([spec.autonomy, ...(ceiling ? [ceiling] : [])]),
      lifecycle: spec.lifecycle,
      ...(spec.dataClassification && {
        classification: spec.dataClassification,
      }),
    },
  });
  return {
    allowed,
    reason: allowed
      ? table.reason
      : refusedBy.map(({ reason }) => reason).join(' '),
    ruleIds: refusedBy.map(({ ruleId }) => ruleId),
    logOnly,
  };
}
