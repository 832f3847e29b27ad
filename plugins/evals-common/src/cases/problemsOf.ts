import canonicalize from 'canonicalize';
import { normalise } from '../grading/text';
import type { EvalCase } from '../types';

/** More are not told; nobody reads them. */
const MAX_PROBLEMS = 50;

/**
 * What is odd about cases as a set: questions that are asked twice, and worse, with another
 * expectation.
 *
 * @public
 */
export function problemsOf(
  cases: readonly EvalCase[],
): Array<{ caseId: string; message: string }> {
  const first = new Map<string, EvalCase>();
  const problems: Array<{ caseId: string; message: string }> = [];
  for (const item of cases) {
    const question = (item.turns ?? [item.ask!])
      .map(turn => normalise(turn).replace(/[.!?…]+$/, ''))
      .join('\n');
    const other = first.get(question);
    if (!other) {
      first.set(question, item);
    } else if (problems.length < MAX_PROBLEMS) {
      problems.push({
        caseId: item.id,
        message:
          expected(item) === expected(other)
            ? `Asks the same as "${other.id}", so it counts twice.`
            : `Asks the same as "${other.id}" and expects something else: one of the two is always wrong.`,
      });
    }
  }
  return problems;
}

function expected(item: EvalCase): string {
  const { id, ask, turns, tags, origin, ...rest } = item;
  return canonicalize(rest) ?? '';
}
