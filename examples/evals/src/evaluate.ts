import { grade, type Outcome } from '@agentportal/plugin-evals-common';
import type { EvalCase } from './dataset';
import type { Result } from './report';

/** Something that can put a case to an agent. */
export interface Driver {
  ask(item: EvalCase): Promise<Outcome>;
  stop(): Promise<void>;
}

/**
 * Puts every case to its agent, a few at a time, and grades what comes back. Results are in the order of the cases.
 */
export async function evaluate(
  driver: Driver,
  cases: EvalCase[],
  options: { parallel?: number; onResult?: (result: Result) => void } = {},
): Promise<Result[]> {
  const results: Result[] = new Array(cases.length);
  let next = 0;
  const worker = async () => {
    while (next < cases.length) {
      const index = next++;
      const outcome = await driver.ask(cases[index]);
      results[index] = {
        item: cases[index],
        outcome,
        grade: grade(cases[index], outcome),
      };
      options.onResult?.(results[index]);
    }
  };
  await Promise.all(Array.from({ length: options.parallel ?? 2 }, worker));
  return results;
}
