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

/**
 * Puts failures together that have the same kind and share words. Rare words count more, so that what
 * every question says puts nothing together. The same failures always come to the same clusters.
 */
export function clusterFailures(
  failures: readonly FailureText[],
): TextCluster[] {
  const all = failures.slice(0, MOST_FAILURES).map(({ kind, text }, at) => ({
    at,
    kind,
    words: wordsOf(text),
  }));
  const found = new Map<string, number>();
  for (const { words } of all) {
    for (const word of words) {
      found.set(word, (found.get(word) ?? 0) + 1);
    }
  }
  const weights = new Map(
    [...found].map(([word, count]) => [word, Math.log(1 + all.length / count)]),
  );
  const weight = (word: string) => weights.get(word)!;
  const clusters: Array<{
    kind: string;
    /** Of the words of the first. */
    weight: number;
    members: typeof all;
  }> = [];
  // Those that share no word are never held against each other, or hundreds that are all different took minutes.
  const having = new Map<string, typeof clusters>();
  // By their words, so that the order in which they were read makes no difference.
  const inOrder = [...all].sort(
    (a, b) =>
      b.words.size - a.words.size ||
      compare([...a.words].sort().join(' '), [...b.words].sort().join(' ')),
  );
  for (const each of inOrder) {
    const own = sum([...each.words].map(weight));
    const shared = new Map<(typeof clusters)[number], number>();
    // Those that say nothing are alike.
    for (const word of each.words.size ? each.words : ['']) {
      for (const cluster of having.get(`${each.kind} ${word}`) ?? []) {
        shared.set(
          cluster,
          (shared.get(cluster) ?? 0) + (weights.get(word) ?? 0),
        );
      }
    }
    const [nearest] = [...shared]
      .map(([cluster, of]) => ({
        cluster,
        by: own === 0 ? 1 : of / (own + cluster.weight - of),
      }))
      .sort((a, b) => b.by - a.by);
    if (nearest && nearest.by >= ALIKE) {
      nearest.cluster.members.push(each);
    } else {
      const cluster = { kind: each.kind, weight: own, members: [each] };
      clusters.push(cluster);
      for (const word of each.words.size ? each.words : ['']) {
        const key = `${each.kind} ${word}`;
        having.set(key, [...(having.get(key) ?? []), cluster]);
      }
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
  const counts = new Map<string, number>();
  for (const { words } of members) {
    for (const word of words) {
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  return [...counts]
    .filter(([, count]) => count > 1 && count * 2 > members.length)
    .sort(([a, n], [b, m]) => m * weight(b) - n * weight(a) || compare(a, b))
    .slice(0, SHOWN_WORDS)
    .map(([word]) => word);
}

/** Words of letters, and pairs of letters of scripts that put no spaces between words. */
function wordsOf(text: string): Set<string> {
  const words = new Set<string>();
  const segments = new Intl.Segmenter('en', { granularity: 'word' }).segment(
    text.slice(0, MOST_LETTERS).normalize('NFKC').toLocaleLowerCase('en-US'),
  );
  for (const { isWordLike, segment } of segments) {
    if (isWordLike && (segment.length > 2 || segment.charCodeAt(0) > 0x2e80)) {
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
