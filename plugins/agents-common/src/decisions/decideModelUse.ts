import { DEFAULT_MODEL_REF, modelRefOf } from '../refs/modelRef';
import { type DecidedAgent, type Decision, ownerOf, refuse } from './Decision';

/**
 * Whether an agent may use a model: the one that it declares, or, when that
 * is a route, one of the route's candidates. An agent that declares none uses
 * {@link DEFAULT_MODEL_REF}. What the person may do is decided apart from this, and
 * where its data may be sent by the data policy of the model gateway.
 *
 * @public
 */
export function decideModelUse(options: {
  agent: DecidedAgent;
  /** What is asked for: an entity ref, a gateway id or the name of a route. */
  model: string;
  /** The candidates of the agent's route, as gateway ids or refs, if it is one. */
  routeCandidates?: string[];
}): Decision {
  const { agent, routeCandidates = [] } = options;
  const { title: who, modelRef: declared = DEFAULT_MODEL_REF } = agent;
  if (agent.state !== 'active') {
    return refuse('state', agent.reason ?? `${who} may not act.`);
  }
  const wanted = modelRefOf(options.model);
  const isCandidate = routeCandidates.some(
    candidate => modelRefOf(candidate) === wanted,
  );
  if (wanted !== declared && !isCandidate) {
    return refuse(
      'model',
      `${who} uses ${declared}, not ${wanted}. ${ownerOf(
        agent,
      )} can change spec.model.`,
    );
  }
  return {
    allowed: true,
    reason:
      wanted === declared
        ? `${who} uses ${declared}.`
        : `${who} uses the route ${declared}, and ${wanted} is one of its candidates.`,
    ruleIds: [],
  };
}
