import { CONCEPT_COUNT, conceptsOf, hanConceptsAt } from './concepts';

const WORD_BUCKETS = 1 << 17;
/** Where the weights of concepts begin. */
export const CONCEPTS_AT = WORD_BUCKETS;
const CONCEPT_BUCKETS = 1 << 13;
/** Weights for words, and some for concepts. */
export const BUCKETS = CONCEPTS_AT + CONCEPT_BUCKETS;
/** Concepts that stand no farther apart, in concepts, are a pair. */
const REACH = 5;

const STEM = 5;
/** Words in quotation marks are spoken about, and have weights of their own. */
const QUOTED = 0x51ed270b;
const QUOTE =
  /(?<![\p{L}\p{N}=(:])["“„«「'‘`]([^"“”„«»「」'’`\n]{3,160})["”“»」'’`](?![\p{L}\p{N}])/gu;
const ADDRESS = /https?:\/\/[^\s)\]"'>]{1,2000}/g;
/** Tags of web pages, but not those that play a part of the conversation. */
const MARKUP =
  /<\/?(?:a|b|i|p|div|span|img|br|td|tr|th|table|tbody|thead|sub|sup|strong|em|code|pre|h[1-6]|ul|ol|li|dl|dt|dd|details|summary|picture|source|hr|kbd|center|small)\b[^<>]{0,1000}>/g;
const TOKEN = /[\p{Script=Han}]|[^\W\d_]+|[^\P{L}]+|\d+|([^\s\w.,"'’“”])\1*/gu;

function mix(hash: number, value: number): number {
  return Math.imul(hash ^ value, 0x01000193);
}

function bucket(hash: number): number {
  const spread = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (spread ^ (spread >>> 13)) & (WORD_BUCKETS - 1);
}

/** Where quotation marks begin and end, unless nearly all of the text is in them. */
function quotedSpans(text: string): Array<[number, number]> {
  const spans: Array<[number, number]> = [];
  let length = 0;
  for (const match of text.matchAll(QUOTE)) {
    spans.push([match.index, match.index + match[0].length]);
    length += match[0].length;
  }
  return length > text.length * 0.7 ? [] : spans;
}

/**
 * Says the features of a folded text: words, their beginnings, pairs of beginnings,
 * letters in a row, and what the words mean.
 */
export function visitFeatures(
  folded: string,
  visit: (bucket: number) => void,
): void {
  const text = folded
    .replace(ADDRESS, address =>
      /[?&#][^/]*[=]/.test(address) ? ' urlwithdata ' : ' url ',
    )
    .replace(MARKUP, ' ');
  const spans = quotedSpans(text);
  let span = 0;
  // Beginnings of the last three words.
  let one = 1;
  let two = 1;
  let three = 1;
  const near: number[] = [];
  for (const match of text.matchAll(TOKEN)) {
    const word = match[0];
    const at = match.index;
    while (span < spans.length && spans[span][1] <= at) span += 1;
    const isQuoted = span < spans.length && spans[span][0] <= at;
    const seed = isQuoted ? QUOTED : 0x811c9dc5;
    let hash = seed;
    let stem = seed;
    const first = word.charCodeAt(0);
    const isNumber = first >= 48 && first <= 57;
    const length = isNumber || match[1] ? 1 : Math.min(word.length, 24);
    for (let i = 0; i < length; i++) {
      hash = mix(hash, isNumber ? 48 : word.charCodeAt(i));
      if (i === STEM - 1) stem = hash;
    }
    if (length < STEM) stem = hash;
    visit(bucket(hash));
    if (length > STEM) {
      visit(bucket(mix(stem, 0x2a)));
      for (let i = 0; i + 4 <= length; i++) {
        let gram = mix(seed, 0x3b);
        for (let j = i; j < i + 4; j++) gram = mix(gram, word.charCodeAt(j));
        visit(bucket(gram));
      }
    }
    visit(bucket(mix(mix(one, 0x1f), stem)));
    visit(bucket(mix(mix(two, 0x2f), stem)));
    visit(bucket(mix(mix(three, 0x3f), stem)));
    for (const concept of /\P{ASCII}/u.test(word)
      ? hanConceptsAt(text, at)
      : conceptsOf(word)) {
      visitConcept(isQuoted ? concept + CONCEPT_COUNT : concept, near, visit);
    }
    three = two;
    two = one;
    one = stem;
  }
}

/** A concept, alone and with each that was before it. */
function visitConcept(
  concept: number,
  near: number[],
  visit: (bucket: number) => void,
): void {
  const at = (hash: number) =>
    CONCEPTS_AT + (bucket(hash) & (CONCEPT_BUCKETS - 1));
  visit(at(mix(0x3c6ef372, concept)));
  for (const other of near) {
    visit(at(mix(mix(0x1b873593, other), concept)));
  }
  near.push(concept);
  if (near.length > REACH) near.shift();
}
