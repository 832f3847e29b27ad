import { STOP_WORDS } from './stopWords';

/** Something that an agent did wrong, as it is compared. */
export interface FailureText {
  /** What says that it is wrong, such as an evaluator; only the same are put together. */
  kind: string;
  text: string;
}

/** Failures that look alike, by their places in what was given; the largest cluster first. */
export interface TextCluster {
  kind: string;
  /** Words that most of them share, and most others do not; none of one alone, whose words are those of one person. */
  words: string[];
  members: number[];
}

const MOST_FAILURES = 600;
const MOST_LETTERS = 600;
const MOST_CLUSTERS = 50;
const SHOWN_WORDS = 5;
/** Shares of weighted words that two have to have in common. */
const ALIKE = 0.25;
/** Stands for all words of a text without any. */
const NOTHING = '';

/**
 * Puts failures together that have the same kind and share words. Rare words count more, so that what
 * every question says puts nothing together. The same failures always come to the same clusters.
 */
export function clusterFailures(
  failures: readonly FailureText[],
): TextCluster[] {
  // Made once: to make one takes nearly as long as to read a text with it.
  const segmenter = new Intl.Segmenter('en', { granularity: 'word' });
  const all = failures.slice(0, MOST_FAILURES).map(({ kind, text }, at) => {
    const words = [...wordsOf(text, segmenter)].sort();
    // Those that say nothing are alike.
    const said = new Set(words.length ? words : [NOTHING]);
    return { at, kind, words: said, key: words.join(' ') };
  });
  const weights = new Map(
    [...timesOf(all)].map(([word, count]) => [
      word,
      Math.log(1 + all.length / count),
    ]),
  );
  const weight = (word: string) => weights.get(word)!;
  const clusters: Array<{
    kind: string;
    /** Of the words of the first. */
    weight: number;
    members: typeof all;
  }> = [];
  // Those that share no word are never held against each other, or hundreds that are all different took minutes.
  const having = new Map<string, number[]>();
  // By their words, so that the order in which they were read makes no difference.
  const inOrder = [...all].sort(
    (a, b) => b.words.size - a.words.size || compare(a.key, b.key),
  );
  for (const each of inOrder) {
    const own = sum([...each.words].map(weight));
    const keyOf = (word: string) => `${each.kind} ${word}`;
    const shared = new Float64Array(clusters.length);
    let nearest: { index: number; by: number } | undefined;
    for (const word of each.words) {
      for (const index of having.get(keyOf(word)) ?? []) {
        shared[index] += weight(word);
      }
    }
    for (const [index, of] of shared.entries()) {
      const by = of / (own + clusters[index].weight - of);
      if (by >= ALIKE && by > (nearest?.by ?? 0)) {
        nearest = { index, by };
      }
    }
    if (nearest) {
      clusters[nearest.index].members.push(each);
    } else {
      for (const key of [...each.words].map(keyOf)) {
        having.set(key, [...(having.get(key) ?? []), clusters.length]);
      }
      clusters.push({ kind: each.kind, weight: own, members: [each] });
    }
  }
  return clusters
    .map(({ kind, members }) => ({
      kind,
      words: sharedWords(members, weight),
      members: members.map(({ at }) => at).sort((a, b) => a - b),
    }))
    .sort(
      (a, b) =>
        b.members.length - a.members.length ||
        compare(a.kind, b.kind) ||
        a.members[0] - b.members[0],
    )
    .slice(0, MOST_CLUSTERS);
}

function sharedWords(
  members: ReadonlyArray<{ words: ReadonlySet<string> }>,
  weight: (word: string) => number,
): string[] {
  return [...timesOf(members)]
    .filter(
      ([word, count]) =>
        word !== NOTHING && count > 1 && count * 2 > members.length,
    )
    .sort(([a, n], [b, m]) => m * weight(b) - n * weight(a) || compare(a, b))
    .slice(0, SHOWN_WORDS)
    .map(([word]) => word);
}

/** In how many texts each word is. */
function timesOf(
  texts: ReadonlyArray<{ words: ReadonlySet<string> }>,
): Map<string, number> {
  const times = new Map<string, number>();
  for (const { words } of texts) {
    for (const word of words) {
      times.set(word, (times.get(word) ?? 0) + 1);
    }
  }
  return times;
}

/** Words that say something, of letters, and pairs of letters of scripts that put no spaces between words. */
function wordsOf(text: string, segmenter: Intl.Segmenter): Set<string> {
  const words = new Set<string>();
  const segments = segmenter.segment(
    text.slice(0, MOST_LETTERS).normalize('NFKC').toLocaleLowerCase('en-US'),
  );
  for (const { isWordLike, segment } of segments) {
    const isLong = segment.length > 2 || segment.charCodeAt(0) > 0x2e80;
    if (isWordLike && isLong && !STOP_WORDS.has(segment)) {
      words.add(segment);
    }
  }
  return words;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function compare(a: string, b: string): number {
  if (a === b) {
    return 0;
  }
  return a < b ? -1 : 1;
}
