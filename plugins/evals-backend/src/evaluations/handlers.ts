import { notBuilt } from '../service/notBuilt';

/** Answers the routes of this folder. */
export const evaluationHandlers = () =>
  notBuilt(
    'listEvaluations',
    'createEvaluation',
    'getEvaluation',
    'cancelEvaluation',
    'listResults',
    'compareEvaluations',
    'listComparedCases',
    'getGate',
  );
