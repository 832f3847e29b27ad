import { normalise } from '@agentportal/plugin-evals-common';

/**
 * How much two texts share: the harmonic mean of the shares of words that each finds in the
 * other, 0 to 1. It knows no synonyms and no order.
 *
 * Source: the F1 of SQuAD, arXiv 1606.05250, section 6.1.
 */
export function similarity(a: string, b: string): number {
  const [left, right] = [wordsOf(a), wordsOf(b)];
  if (!left.length || !right.length) {
    return left.length === right.length ? 1 : 0;
  }
  const counts = new Map<string, number>();
  for (const word of left) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  let shared = 0;
  for (const word of right) {
    const left_ = counts.get(word) ?? 0;
    if (left_ > 0) {
      shared += 1;
      counts.set(word, left_ - 1);
    }
  }
  return (2 * shared) / (left.length + right.length);
}

/** Words; of scripts without spaces each sign is one. */
function wordsOf(text: string): string[] {
  return (
    normalise(text).match(
      /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{N}]+/gu,
    ) ?? []
  );
}
