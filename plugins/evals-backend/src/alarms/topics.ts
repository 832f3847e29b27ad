import { hashOf, timesSeen } from './hashOf';
import type { Norm } from './norms';

/** Words share buckets, so no word can be read out of them. */
const BUCKETS = 1_024;
/** Lists of runs hold as much of an answer; that is enough to know what it is about. */
const MAX_TEXT = 300;
const LEAST_WORDS = 4;

const words = new Intl.Segmenter('en', { granularity: 'word' });

/**
 * The words of the beginning of an answer, each once, as buckets. Numbers and names with digits are left out: they
 * are new each time. Undefined where it is too short to say anything.
 */
export function topicOf(text: string): number[] | undefined {
  const buckets = new Set<number>();
  for (const { isWordLike, segment } of words.segment(
    text.slice(0, MAX_TEXT),
  )) {
    if (isWordLike && !/\d/.test(segment)) {
      buckets.add(hashOf(segment.toLowerCase(), BUCKETS));
    }
  }
  return buckets.size < LEAST_WORDS ? undefined : [...buckets];
}

/** How many answers had each word, and how strange each answer is to the others. */
export function learnTopic(topics: number[][]): {
  seen: Record<string, number>;
  scores: number[];
} {
  const seen = timesSeen(topics);
  const runs = topics.length - 1;
  const scores = topics.map(topic =>
    surprise(topic, runs, bucket => seen[bucket] - 1),
  );
  return { seen, scores };
}

/** How strange the words of an answer are: their mean surprise in bits, among the learned answers. */
export function strangeness({ seen = {}, runs }: Norm, topic: number[]) {
  return surprise(topic, runs, bucket => seen[bucket] ?? 0);
}

function surprise(
  topic: number[],
  runs: number,
  timesOf: (bucket: number) => number,
): number {
  const bits = topic.map(bucket =>
    Math.log2((runs + 1) / (timesOf(bucket) + 0.5)),
  );
  return bits.reduce((sum, each) => sum + each, 0) / topic.length;
}
