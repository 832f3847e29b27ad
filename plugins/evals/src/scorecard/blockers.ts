import type {
  Scorecard,
  ScorecardCheck,
} from '@agentportal/plugin-evals-common';
import { LEVELS } from '../levels/LevelMark';

/** The checks that stand before the next level. */
export function blockersOf(scorecard: Scorecard): ScorecardCheck[] {
  const { checks, nextLevel } = scorecard;
  const upTo = nextLevel ? LEVELS.indexOf(nextLevel) : -1;
  return checks.filter(
    ({ level, status }) =>
      (status === 'failed' || status === 'not-enough-evidence') &&
      LEVELS.indexOf(level) <= upTo,
  );
}
