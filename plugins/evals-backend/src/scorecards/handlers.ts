import type { OperationHandlers } from '@agentportal/plugin-agents-node';
import type { EvalsOperations } from '@agentportal/plugin-evals-common';
import type { Delivery } from '../delivery/Delivery';
import type { Quality } from './Quality';
import type { Scorecards } from './Scorecards';

/** Answers the routes of scorecards, and of how agents are changed. */
export function scorecardHandlers({
  delivery,
  quality,
  scorecards,
}: {
  delivery: Delivery;
  quality: Quality;
  scorecards: Scorecards;
}): OperationHandlers<
  Pick<
    EvalsOperations,
    | 'listScorecards'
    | 'getScorecard'
    | 'listLevelChanges'
    | 'decideOnAgent'
    | 'getDelivery'
    | 'getQuality'
  >
> {
  return {
    listScorecards: ({ credentials, query }) =>
      scorecards.list(credentials, query),
    getScorecard: ({ credentials, query }) =>
      scorecards.get(credentials, query.agentRef),
    listLevelChanges: ({ credentials, query }) =>
      scorecards.history(credentials, query),
    decideOnAgent: ({ credentials, query, body }) =>
      scorecards.decide(credentials, query.agentRef, body),
    getDelivery: ({ credentials, query }) => delivery.read(credentials, query),
    getQuality: ({ credentials, query }) => quality.read(credentials, query),
  };
}
