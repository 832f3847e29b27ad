import type {
  Scorecard,
  ScorecardCheck,
} from '@agentportal/plugin-evals-common';
import { LEVELS } from '../levels/LevelMark';

const OPEN = ['failed', 'not-enough-evidence'] as const;

/** The checks that stand before the next level, those that failed first. */
export function blockersOf(scorecard: Scorecard): ScorecardCheck[] {
  const { checks, nextLevel } = scorecard;
  const upTo = nextLevel ? LEVELS.indexOf(nextLevel) : -1;
  return OPEN.flatMap(status =>
    checks.filter(
      check => check.status === status && LEVELS.indexOf(check.level) <= upTo,
    ),
  );
}
