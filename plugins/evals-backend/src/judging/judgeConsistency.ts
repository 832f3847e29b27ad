import type { Opinion } from './Attempt';
import { opinion } from './Attempt';
import { similarity } from './evaluators/similarity';

const ALIKE_FROM = 0.7;

/** Whether the answers of all trials of a case say the same, by the mean over all pairs. */
export function judgeConsistency(
  answers: string[],
  atLeast = ALIKE_FROM,
): Opinion {
  if (answers.length < 2) {
    return {
      outcome: 'incomplete',
      reason: 'Ask each question twice or more to see whether answers agree.',
    };
  }
  const scores = answers.flatMap((answer, i) =>
    answers.slice(i + 1).map(other => similarity(answer, other)),
  );
  const score = scores.reduce((sum, each) => sum + each, 0) / scores.length;
  return opinion(
    score >= atLeast,
    `Answers share ${score.toFixed(2)} of their words, less than ${atLeast}.`,
    score,
  );
}
