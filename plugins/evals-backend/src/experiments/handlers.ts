import type { OperationHandlers } from '@agentportal/plugin-agents-node';
import type { EvalsOperations } from '@agentportal/plugin-evals-common';
import type { Experiments } from './Experiments';

/** Answers the routes of this folder. */
export function experimentHandlers(
  experiments: Experiments,
): OperationHandlers<
  Pick<
    EvalsOperations,
    | 'listExperiments'
    | 'startExperiment'
    | 'getExperiment'
    | 'stopExperiment'
    | 'getExperimentAdmission'
    | 'listRunningExperiments'
  >
> {
  return {
    listExperiments: ({ credentials, query }) =>
      experiments.list(credentials, query),
    startExperiment: ({ credentials, body }) =>
      experiments.start(credentials, body),
    getExperiment: ({ credentials, path }) =>
      experiments.get(credentials, path.id),
    stopExperiment: ({ credentials, path, body }) =>
      experiments.stop(credentials, path.id, body.reason),
    getExperimentAdmission: ({ credentials, query }) =>
      experiments.mayStart(credentials, query.agentRef),
    listRunningExperiments: ({ credentials }) =>
      experiments.running(credentials),
  };
}
