import type { OperationHandlers } from '@agentportal/plugin-agents-node';
import type { EvalsOperations } from '@agentportal/plugin-evals-common';
import type { DataSets } from './DataSets';

type Operations = Pick<
  EvalsOperations,
  | 'listDataSets'
  | 'createDataSet'
  | 'getDataSet'
  | 'deleteDataSet'
  | 'listCases'
  | 'writeCases'
  | 'addCase'
>;

/** Answers the routes of data sets. */
export function dataSetHandlers(
  dataSets: DataSets,
): OperationHandlers<Operations> {
  return {
    listDataSets: ({ credentials, query }) => dataSets.list(credentials, query),
    createDataSet: ({ credentials, body }) =>
      dataSets.create(credentials, body),
    getDataSet: ({ credentials, path }) => dataSets.get(credentials, path.id),
    deleteDataSet: ({ credentials, path }) =>
      dataSets.delete(credentials, path.id),
    listCases: ({ credentials, path, query }) =>
      dataSets.listCases(credentials, path.id, query),
    writeCases: ({ credentials, path, body }) =>
      dataSets.write(credentials, path.id, body),
    addCase: ({ credentials, path, body }) =>
      dataSets.addCase(credentials, path.id, body),
  };
}
