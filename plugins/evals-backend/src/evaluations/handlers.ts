import type { OperationHandlers } from '@agentportal/plugin-agents-node';
import type { EvalsOperations } from '@agentportal/plugin-evals-common';
import type { Gates } from '../gates/Gates';
import type { Comparisons } from './Comparisons';
import type { Evaluations } from './Evaluations';

type Operations = Pick<
  EvalsOperations,
  | 'listEvaluations'
  | 'createEvaluation'
  | 'getEvaluation'
  | 'cancelEvaluation'
  | 'listResults'
  | 'compareEvaluations'
  | 'listComparedCases'
  | 'getGate'
>;

/** Answers the routes of evaluations, comparisons and gates. */
export function evaluationHandlers(options: {
  evaluations: Evaluations;
  comparisons: Comparisons;
  gates: Gates;
}): OperationHandlers<Operations> {
  const { comparisons, evaluations, gates } = options;
  return {
    listEvaluations: ({ credentials, query }) =>
      evaluations.list(credentials, query),
    createEvaluation: ({ credentials, body }) =>
      evaluations.create(credentials, body),
    getEvaluation: ({ credentials, path }) =>
      evaluations.get(credentials, path.id),
    cancelEvaluation: ({ credentials, path }) =>
      evaluations.cancel(credentials, path.id),
    listResults: ({ credentials, path, query }) =>
      evaluations.listResults(credentials, path.id, query),
    compareEvaluations: ({ credentials, path, query }) =>
      comparisons.compare(credentials, path.id, query.baselineId),
    listComparedCases: ({ credentials, path, query }) =>
      comparisons.listCases(credentials, path.id, query),
    getGate: ({ credentials, query }) =>
      gates.get(credentials, query.agentRef, query.evaluationId),
  };
}
