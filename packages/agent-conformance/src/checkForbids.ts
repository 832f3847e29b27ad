import fc from 'fast-check';
import { inWords } from './inWords';

/**
 * Something that decides by rules that forbid.
 *
 * @public
 */
export interface ForbidsUnderTest<Question, Forbid> {
  questions: fc.Arbitrary<Question>;
  forbids: readonly Forbid[];
  allowed(
    question: Question,
    forbids: readonly Forbid[],
  ): boolean | Promise<boolean>;
  /** Default is 100,000. */
  cases?: number;
  seed?: number;
}

/**
 * Asks with some forbids, and with one more, which must never allow more.
 *
 * @returns `refused` is how often the one made a difference; if never, nothing was shown
 * @public
 */
export async function checkForbids<Question, Forbid>(
  subject: ForbidsUnderTest<Question, Forbid>,
): Promise<{
  seed: number;
  cases: number;
  refused: number;
  failure?: string;
}> {
  const { questions, forbids, allowed, cases = 100_000 } = subject;
  const seed = subject.seed ?? Math.floor(Math.random() * 2 ** 31);
  let refused = 0;
  const details = await fc.check(
    fc.asyncProperty(
      questions,
      fc.subarray([...forbids.keys()]),
      fc.nat({ max: forbids.length - 1 }),
      async (question, chosen, one) => {
        const fewer = chosen.filter(at => at !== one);
        const those = (at: number[]) => at.map(each => forbids[each]);
        const before = await allowed(question, those(fewer));
        const after = await allowed(question, those([...fewer, one]));
        refused += before && !after ? 1 : 0;
        return before || !after;
      },
    ),
    { numRuns: cases, seed },
  );
  return {
    seed,
    cases: details.numRuns,
    refused,
    ...(details.failed && { failure: inWords(details) }),
  };
}
