import { notBuilt } from '../service/notBuilt';

/** Answers the routes of this folder. */
export const scorecardHandlers = () =>
  notBuilt(
    'listScorecards',
    'getScorecard',
    'listLevelChanges',
    'decideOnAgent',
    'getDelivery',
  );
