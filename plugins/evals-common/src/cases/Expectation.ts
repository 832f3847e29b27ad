import type { EvalCase } from '../types';

/**
 * A call that a right answer makes.
 *
 * @public
 */
export interface ExpectedCall {
  /** One of these tools, written `<server>.<tool>`. */
  tool: string[];
  /** Arguments that the call must have; others than these and those of `may` are wrong. */
  arguments: Record<string, unknown>;
  may: string[];
}

/**
 * What a case holds an answer to, in one form whichever way it was written.
 *
 * @public
 */
export interface Expectation {
  /** What the person says, in order; what comes of the last one is graded. */
  turns: string[];
  /** Empty when the agent must not call anything; absent where calls are not graded. */
  calls?: ExpectedCall[];
  /** Tools that may be called besides. */
  also: string[];
  /** What the answer must say: each entry, by one of its spellings. */
  facts: string[][];
  /** The whole record is asked for, so pouring it out is an answer. */
  whole: boolean;
  /** Why no call is expected, if none is. */
  without?: 'decline' | 'ask';
}

/**
 * Reads what a case expects.
 *
 * @public
 */
export function expectationOf(item: EvalCase): Expectation {
  const { calls, tool, decline, asks } = item;
  const expected = (call: NonNullable<EvalCase['calls']>[number]) => ({
    tool: [call.tool].flat(),
    arguments: call.arguments ?? {},
    may: call.may ?? [],
  });
  const without = decline ? 'decline' : asks && 'ask';
  return {
    turns: item.turns ?? [item.ask!],
    ...(calls && { calls: calls.map(expected) }),
    ...(tool && {
      calls: [expected({ tool, arguments: item.arguments, may: item.may })],
    }),
    ...(without && { calls: [], without }),
    also: item.also ?? [],
    facts: (asks ?? item.facts ?? []).map(fact => [fact].flat().map(String)),
    whole: item.whole ?? false,
  };
}
