import { notBuilt } from '../service/notBuilt';

/** Answers the routes of this folder. */
export const experimentHandlers = () =>
  notBuilt(
    'listExperiments',
    'startExperiment',
    'getExperiment',
    'stopExperiment',
  );
