import { LRUCache } from 'lru-cache';
import porter from 'wink-porter2-stemmer';
import {
  bareStem,
  hanWordAt,
  inEnglish,
  isGrammar,
  languageOf,
  type Language,
} from './lexicon';

/** A word as it stands in a text. */
export interface Word {
  text: string;
  lower: string;
  /** What it is compared by: its stem, and the stems of what it is in English. */
  stems: readonly string[];
  start: number;
  end: number;
  /** True for words of grammar, which say nothing about the subject. */
  plain: boolean;
}

/** Longer words are no words: they are cut, and nothing is compared with the rest. */
const LONGEST_WORD = 64;

const stems = new Map<string, string>();

/** The stem of one lower-case word. */
export function stemOf(lower: string, language: Language = 'en'): string {
  const key = `${language}:${lower}`;
  let found = stems.get(key);
  if (found === undefined) {
    if (/^[a-z]+$/.test(lower) && language === 'en') found = porter(lower);
    else if (language === 'en' || language === 'zh' || /\d/.test(lower))
      found = lower;
    else found = bareStem(lower, language);
    if (stems.size > 20_000) stems.clear();
    stems.set(key, found);
  }
  return found;
}

/** `findOrder_byID` → find, Order, by, ID. */
export function splitIdentifier(identifier: string): string[] {
  return identifier
    .slice(0, 200)
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

// letters and digits with single joints between them, so that every start either matches or is passed over at once
const WORD =
  /[\p{L}\p{M}\p{N}]+(?:(?:[-_./:'’&@+*#]|(?<=\d),(?=\d{1,3}(?![\d,])))[\p{L}\p{M}\p{N}]+)*/gu;
const HAN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+/gu;
const segmenter = new Intl.Segmenter('zh', { granularity: 'word' });

function meaningsOf(lower: string, language: Language): string[] {
  const found = [stemOf(lower, language)];
  const add = (...english: (readonly string[])[]) =>
    found.push(...english.flat().map(word => stemOf(word)));
  const whole = inEnglish(lower, language);
  if (language === 'en') return found;
  if (whole) add(whole);
  // a Chinese word that no dictionary has is named by its last part: 几节课 is about 课
  else if (language === 'zh')
    for (let at = 1; at < Math.min(lower.length, 8); at++) {
      const head = inEnglish(lower.slice(at), language);
      if (!head) continue;
      add(head);
      break;
    }
  // a compound is known by its known parts: Stornierungsgebühren
  else if (language === 'de')
    for (let at = lower.length - 3; at >= 3; at--) {
      const head = lower.slice(0, at);
      const left =
        inEnglish(head) ?? inEnglish(head.replace(/(?:s|n|en|es)$/, ''));
      const right = at <= lower.length - 3 && inEnglish(lower.slice(at));
      if (!left || !right) continue;
      add(left, right);
      break;
    }
  return [...new Set(found)];
}

/** Chinese writes no spaces: words of the lexicon first, between them what the segmenter finds. */
function segments(run: string): string[] {
  const parts: string[] = [];
  let unknown = '';
  const flush = () => {
    if (!unknown) return;
    for (const { segment } of segmenter.segment(unknown)) parts.push(segment);
    unknown = '';
  };
  for (let at = 0; at < run.length; ) {
    const word = hanWordAt(run, at);
    if (word) flush();
    parts.push(...(word ? [word] : []));
    if (!word) unknown += run[at];
    at += word?.length ?? 1;
  }
  flush();
  return parts;
}

const known = new LRUCache<string, readonly Word[]>({ max: 500 });

/** Splits a text into words; identifiers such as AB-12, addresses such as a@b.c and numbers such as 1.5 stay whole. */
export function wordsOf(text: string, given?: Language): readonly Word[] {
  const key = `${given ?? ''} ${text}`;
  let words = known.get(key);
  if (!words) known.set(key, (words = split(text, given)));
  return words;
}

function split(text: string, given?: Language): Word[] {
  const raw: { text: string; start: number; han: boolean }[] = [];
  for (const match of text.matchAll(WORD)) {
    if (match[0].search(HAN) < 0) {
      raw.push({ text: match[0], start: match.index, han: false });
      continue;
    }
    let at = 0;
    for (const run of match[0].matchAll(HAN)) {
      const between = match[0]
        .slice(at, run.index)
        .replace(/^[-_./:'’&@+*#]+/, '');
      if (between)
        raw.push({
          text: between,
          start: match.index + run.index - between.length,
          han: false,
        });
      let place = match.index + run.index;
      for (const part of segments(run[0])) {
        raw.push({ text: part, start: place, han: true });
        place += part.length;
      }
      at = run.index + run[0].length;
    }
    const rest = match[0].slice(at);
    const joint = /^[-_./:'’&@+*#]*/.exec(rest)![0].length;
    if (rest.length > joint)
      raw.push({
        text: rest.slice(joint),
        start: match.index + at + joint,
        han: false,
      });
  }
  const lowers = raw.map(item =>
    item.text
      .slice(0, LONGEST_WORD)
      .toLowerCase()
      .replace(/['’]s$/, '')
      .replace(/[’]/g, "'"),
  );
  const language = given ?? languageOf(lowers, text);
  return raw.map((item, index) => {
    const lower = lowers[index];
    const latin = language === 'zh' ? 'en' : language;
    const own = item.han ? 'zh' : latin;
    return {
      text: item.text,
      lower,
      stems: meaningsOf(lower, own),
      start: item.start,
      end: item.start + item.text.length,
      plain:
        isGrammar(lower.replace(/'/g, ''), own) ||
        (own !== 'zh' && isGrammar(lower, 'en') && language === 'en') ||
        (own === 'zh' && lower.length === 1 && isGrammar(lower, 'zh')),
    };
  });
}

/** The stems of a text or identifier that carry meaning. */
export function stemsOf(text: string, language?: Language): string[] {
  return wordsOf(splitIdentifier(text).join(' '), language)
    .filter(word => !word.plain)
    .flatMap(word => word.stems);
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
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
    }
    beforeLast = last;
    last = row;
  }
  return Math.min(last[b.length], limit + 1);
}

/**
 * How alike two stems are: 1 the same, 0.75 for a slip of the finger, 0.7 for words of one family (cardiologist,
 * cardiology), 0 else. Short words must be the same.
 */
export function likeness(a: string, b: string): number {
  if (a === b) return 1;
  const shortest = Math.min(a.length, b.length);
  if (/\d/.test(a) || /\d/.test(b)) return 0;
  if (/\p{Script=Han}/u.test(a))
    return shortest >= 2 && (a.includes(b) || b.includes(a)) ? 0.7 : 0;
  if (shortest < 4 || a[0] !== b[0]) return 0;
  const longest = Math.max(a.length, b.length);
  let shared = 0;
  while (shared < shortest && a[shared] === b[shared]) shared++;
  if (shared >= 5 && shared >= longest * 0.66) return 0.7;
  if (shared === shortest && shared >= 4 && longest - shared <= 3) return 0.7;
  const slips = shortest >= 8 ? 2 : 1;
  return shortest >= 5 && editDistance(a, b, slips) <= slips ? 0.75 : 0;
}
