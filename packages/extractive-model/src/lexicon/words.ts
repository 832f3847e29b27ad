import stem from 'wink-porter2-stemmer';

/** Words that carry grammar rather than meaning. */
const STOPWORDS = new Set(
  `a about above actually after again all also am an and any anybody anyone anything are around as ask at
  back be because been before being below between both but by can cannot could currently did do does
  doing done down during each else ever every everything few for from further get gets getting give gives go going gonna
  got had has have having he hello help her here hers hey hi him his how i if in info information into is it its itself
  just kindly know let like list look looking lookup make many may maybe me might mine more most much must my
  myself need needs no nor not now of off ok okay on once one ones only or other our ours out over own please pls plz
  quick quickly really regarding same see she should show so some someone something soon still such tell than thank thanks that the
  their theirs them then there these they thing things this those through to too u um under until up upon ur us very via
  want wanna was we well were what whats when where wheres which while who whom whos whose why will with without
  would wondering yes yet you your yours anyway cant couldnt didnt doesnt dont hasnt havent im ive id isnt
  wasnt werent wont wouldnt theres thats heres id lets yep yeah exactly right both
  find search fetch retrieve check display`
    .split(/\s+/)
    .filter(Boolean),
);

/** A word as it stood in the text. */
export interface Word {
  text: string;
  lower: string;
  stem: string;
  start: number;
  end: number;
}

const stems = new Map<string, string>();

/** The stem of one word; remembered, because the same words come again and again. */
export function stemOf(word: string): string {
  const lower = word.toLowerCase();
  let found = stems.get(lower);
  if (found === undefined) {
    found = /^[a-z]+$/.test(lower) ? stem(lower) : lower;
    if (stems.size > 20_000) stems.clear();
    stems.set(lower, found);
  }
  return found;
}

/** True for words of grammar, which say nothing about the subject. */
export function isStopword(lower: string): boolean {
  return STOPWORDS.has(lower.replace(/['’]/g, ''));
}

/** Splits text into words; identifiers such as AB-12 and addresses such as a@b.c stay whole. */
export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  const pattern =
    /[\p{L}\p{N}_.+-]+@[\p{L}\p{N}.-]+\.\p{L}{2,}|[\p{L}\p{N}]+(?:[-_/.:'’&][\p{L}\p{N}]+)*/gu;
  for (const match of text.matchAll(pattern)) {
    const lower = match[0].toLowerCase();
    const bare = lower.replace(/['’]s$/, '');
    words.push({
      text: match[0],
      lower: bare,
      stem: stemOf(bare),
      start: match.index,
      end: match.index + match[0].length,
    });
  }
  return words;
}

/** The words of a text that carry meaning. Hyphenated words without digits count as their parts. */
export function contentWords(text: string): Word[] {
  return wordsOf(text)
    .flatMap(word =>
      /[-_/]/.test(word.lower) && /^[\p{L}/_-]+$/u.test(word.lower)
        ? splitIdentifier(word.text).map(part => ({
            ...word,
            text: part,
            lower: part.toLowerCase(),
            stem: stemOf(part),
          }))
        : [word],
    )
    .filter(word => !isStopword(word.lower));
}

/** `findOrder_byID` → find, Order, by, ID. */
export function splitIdentifier(identifier: string): string[] {
  return identifier
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, '$1 $2')
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
}

/** An identifier as words for people: `dueDate` → `due date`. */
export function humanise(identifier: string): string {
  return splitIdentifier(identifier)
    .map(part => (/^\p{Lu}{2,}$/u.test(part) ? part : part.toLowerCase()))
    .join(' ');
}

/** Optimal-string-alignment distance of at most `limit`; larger distances return `limit + 1`. */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
      }
    }
    beforeLast = last;
    last = row;
  }
  return Math.min(last[b.length], limit + 1);
}

/** True when two words are the same but for a slip of the finger. Short words must be exact. */
export function isTypoOf(a: string, b: string): boolean {
  if (a === b) return true;
  const shortest = Math.min(a.length, b.length);
  if (shortest < 5 || /\d/.test(a) || /\d/.test(b)) return false;
  return (
    a[0] === b[0] &&
    editDistance(a, b, shortest >= 9 ? 2 : 1) <= (shortest >= 9 ? 2 : 1)
  );
}
