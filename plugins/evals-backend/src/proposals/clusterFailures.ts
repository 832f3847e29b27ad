/** Something that an agent did wrong, as it is compared. */
export interface FailureText {
  /** What says that it is wrong, such as an evaluator; only the same are put together. */
  kind: string;
  text: string;
}

/** Failures that look alike, by their places in what was given; the largest cluster first. */
export interface TextCluster {
  kind: string;
  /** Words that most of them share, and most others do not. */
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
  const weight = (word: string) => Math.log(1 + all.length / found.get(word)!);
  const alike = (a: ReadonlySet<string>, b: ReadonlySet<string>) => {
    const shared = sum([...a].filter(word => b.has(word)).map(weight));
    const either = sum([...new Set([...a, ...b])].map(weight));
    // Those that say nothing are alike.
    return either === 0 ? 1 : shared / either;
  };
  const clusters: Array<{
    kind: string;
    first: ReadonlySet<string>;
    members: typeof all;
  }> = [];
  // By their words, so that the order in which they were read makes no difference.
  const inOrder = [...all].sort(
    (a, b) =>
      b.words.size - a.words.size ||
      compare([...a.words].sort().join(' '), [...b.words].sort().join(' ')),
  );
  for (const each of inOrder) {
    const nearest = clusters
      .filter(({ kind }) => kind === each.kind)
      .map(cluster => ({ cluster, by: alike(cluster.first, each.words) }))
      .sort((a, b) => b.by - a.by)[0];
    if (nearest && nearest.by >= ALIKE) {
      nearest.cluster.members.push(each);
    } else {
      clusters.push({ kind: each.kind, first: each.words, members: [each] });
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
    .filter(([, count]) => count * 2 > members.length)
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
