import { notBuilt } from '../service/notBuilt';

/** Answers the routes of this folder. */
export const dataSetHandlers = () =>
  notBuilt(
    'listDataSets',
    'createDataSet',
    'getDataSet',
    'deleteDataSet',
    'listCases',
    'writeCases',
    'addCase',
  );
