import { bucketOf } from '../bucket';
import { similarity } from '../similarity';
import type { QuestionPair } from './pairs';

/** Makes a vector of unit length. */
export type Embed = (question: string) => Promise<Float32Array | undefined>;

/** How a set of pairs came out. */
export interface Outcome {
  paraphrases: number;
  hits: number;
  nearMisses: number;
  wrong: number;
  /** By what the near misses differ in. */
  wrongByKind: Map<string, { wrong: number; of: number }>;
  /**
   * Wrong without guards, at the threshold at which as many paraphrases hit: what
   * likeness alone would have done for the same use.
   */
  wrongWithoutGuards: number;
  /** The near misses that passed. */
  passed: QuestionPair[];
}

/** Asks the second question of each pair of a memory that holds the first. */
export async function evaluate(
  pairs: QuestionPair[],
  by: { kind: string; threshold: number; embed: Embed },
): Promise<Outcome> {
  const outcome: Outcome = {
    paraphrases: 0,
    hits: 0,
    nearMisses: 0,
    wrong: 0,
    wrongByKind: new Map(),
    wrongWithoutGuards: 0,
    passed: [],
  };
  const likeness: Array<{ same: boolean; close: number }> = [];
  for (const pair of pairs) {
    const [one, other] = [await by.embed(pair.one), await by.embed(pair.other)];
    const close = one && other ? similarity(one, other) : 0;
    likeness.push({ same: pair.same, close });
    const bucket = bucketOf('evaluation', 'p', pair.one, by);
    const passes =
      bucket !== undefined &&
      bucket === bucketOf('evaluation', 'p', pair.other, by) &&
      close >= by.threshold;
    if (pair.same) {
      outcome.paraphrases += 1;
      outcome.hits += Number(passes);
    } else {
      outcome.nearMisses += 1;
      outcome.wrong += Number(passes);
      const kind = outcome.wrongByKind.get(pair.kind) ?? { wrong: 0, of: 0 };
      kind.of += 1;
      kind.wrong += Number(passes);
      outcome.wrongByKind.set(pair.kind, kind);
      if (passes) {
        outcome.passed.push(pair);
      }
    }
  }
  const sorted = likeness
    .filter(({ same }) => same)
    .map(({ close }) => close)
    .sort((one, other) => other - one);
  const threshold = sorted[Math.max(0, outcome.hits - 1)] ?? 1;
  outcome.wrongWithoutGuards = likeness.filter(
    ({ same, close }) => !same && close >= threshold,
  ).length;
  return outcome;
}

/**
 * How often a question gets the answer of a stranger, when all questions of a
 * language are in one memory.
 */
export function strangersMet(
  pairs: QuestionPair[],
  by: { kind: string },
): { met: number; of: number } {
  const twins = new Set(
    pairs
      .filter(({ same }) => same)
      .flatMap(({ one, other }) => [`${one}\n${other}`, `${other}\n${one}`]),
  );
  const questions = [
    ...new Set(pairs.flatMap(({ one, other }) => [one, other])),
  ].map(text => ({ text, bucket: bucketOf('evaluation', 'p', text, by) }));
  // Twins of one question are twins of each other.
  const related = (one: string, other: string) =>
    twins.has(`${one}\n${other}`) ||
    questions.some(
      ({ text }) =>
        twins.has(`${one}\n${text}`) && twins.has(`${text}\n${other}`),
    );
  let met = 0;
  let of = 0;
  for (const one of questions) {
    for (const other of questions) {
      if (one !== other) {
        of += 1;
        if (
          one.bucket !== undefined &&
          one.bucket === other.bucket &&
          !related(one.text, other.text)
        ) {
          met += 1;
        }
      }
    }
  }
  return { met, of };
}
