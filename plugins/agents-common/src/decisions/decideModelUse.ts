import type { AgentEntity } from '../kinds/AgentEntity';
import { DEFAULT_MODEL_REF, modelRefOf } from '../refs/modelRef';
import { agentRefsOf } from '../refs/specRefs';
import { type Decision, nameOf } from './Decision';
import { decideAgentState } from './decideAgentState';

/**
 * Whether an agent may use a model: the one that it declares, or, when that
 * is a route, one of the route's candidates. An agent that declares none uses
 * {@link DEFAULT_MODEL_REF}. What the person may do is decided apart from this.
 *
 * @public
 */
export function decideModelUse(options: {
  agent: AgentEntity;
  /** What is asked for: an entity ref, a gateway id or the name of a route. */
  model: string;
  /** The candidates of the agent's route, as gateway ids or refs, if it is one. */
  routeCandidates?: string[];
}): Decision {
  const { agent, routeCandidates = [] } = options;
  const who = nameOf(agent);
  const { allowed, reason } = decideAgentState({ agentRef: who, agent });
  if (!allowed) {
    return { allowed, reason: reason! };
  }
  const declared = agentRefsOf(agent).model ?? DEFAULT_MODEL_REF;
  const wanted = modelRefOf(options.model);
  if (wanted === declared) {
    return { allowed: true, reason: `${who} uses ${declared}.` };
  }
  if (routeCandidates.some(candidate => modelRefOf(candidate) === wanted)) {
    return {
      allowed: true,
      reason: `${who} uses the route ${declared}, and ${wanted} is one of its candidates.`,
    };
  }
  return {
    allowed: false,
    reason: `${who} uses ${declared}, not ${wanted}. Its owner can change spec.model.`,
  };
}
