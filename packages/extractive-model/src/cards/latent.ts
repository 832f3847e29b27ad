import { wordsOf } from '../text/words';

/** What words have to do with each other, learnt from texts. */
export interface LatentSemantics {
  /** Stems that keep the same company, with how much, 0 to 1. */
  near(stem: string): ReadonlyMap<string, number>;
}

const MOST_SENTENCES = 4_000;
const MOST_WORDS = 40;
const MOST_CONTEXTS = 60;
const NONE: ReadonlyMap<string, number> = new Map();

/**
 * Learns from texts which words stand in the same sentences and with the same words: positive pointwise mutual
 * information of pairs, and the cosine between such rows. It knows nothing that the texts do not show.
 */
export function learnLatentSemantics(
  texts: readonly string[],
): LatentSemantics {
  const counts = new Map<string, number>();
  const pairs = new Map<string, Map<string, number>>();
  let sentences = 0;
  for (const text of texts) {
    for (const sentence of text.slice(0, 20_000).split(/[.!?。！？\n]+/)) {
      if (sentences >= MOST_SENTENCES) break;
      const stems = [
        ...new Set(
          wordsOf(sentence.slice(0, 600))
            .filter(word => !word.plain)
            .map(word => word.stems[0]),
        ),
      ].slice(0, MOST_WORDS);
      if (stems.length < 2) continue;
      sentences++;
      for (const a of stems) {
        counts.set(a, (counts.get(a) ?? 0) + 1);
        let row = pairs.get(a);
        if (!row) pairs.set(a, (row = new Map()));
        for (const b of stems)
          if (a !== b && (row.has(b) || row.size < MOST_CONTEXTS))
            row.set(b, (row.get(b) ?? 0) + 1);
      }
    }
  }
  const rows = new Map<string, { values: Map<string, number>; norm: number }>();
  const rowOf = (stem: string) => {
    let known = rows.get(stem);
    if (!known) {
      const values = new Map<string, number>();
      for (const [other, together] of pairs.get(stem) ?? []) {
        const information = Math.log(
          (together * sentences) / (counts.get(stem)! * counts.get(other)!),
        );
        if (information > 0) values.set(other, information);
      }
      known = { values, norm: Math.hypot(...values.values()) };
      rows.set(stem, known);
    }
    return known;
  };
  const memo = new Map<string, ReadonlyMap<string, number>>();
  return {
    near(stem) {
      // a word that was seen once keeps company by chance
      if ((counts.get(stem) ?? 0) < 2) return NONE;
      let found = memo.get(stem) as Map<string, number> | undefined;
      if (found) return found;
      found = new Map();
      const own = rowOf(stem);
      const candidates = new Set(
        [...own.values.keys()]
          .flatMap(other => [other, ...rowOf(other).values.keys()])
          .slice(0, 200),
      );
      candidates.delete(stem);
      const scored: [string, number][] = [];
      for (const other of candidates) {
        if ((counts.get(other) ?? 0) < 2) continue;
        const row = rowOf(other);
        let dot = 0;
        for (const [key, value] of own.values)
          dot += value * (row.values.get(key) ?? 0);
        const cosine = dot / (own.norm * row.norm || 1);
        if (cosine >= 0.35) scored.push([other, cosine]);
      }
      for (const [other, cosine] of scored
        .sort((a, b) => b[1] - a[1])
        .slice(0, 8))
        found.set(other, cosine);
      memo.set(stem, found);
      return found;
    },
  };
}
