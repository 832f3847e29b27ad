import { isReadVerb, isWriteVerb } from '../lexicon/verbs';
import {
  contentWords,
  isStopword,
  stemOf,
  wordsOf,
  type Word,
} from '../lexicon/words';
import type { Parameter } from './parameter';

/** A stretch of the text that a parameter takes as its value. */
export interface PhraseMention {
  value: string;
  start: number;
  end: number;
  /** True when the text marks it (quotes, capitals); false when only its place in the sentence speaks for it. */
  marked: boolean;
}

/** A stretch of text that another parameter already uses. */
export interface Span {
  start: number;
  end: number;
}

const overlaps = (a: Span, b: Span) => a.start < b.end && b.start < a.end;

const PLACE =
  /city|country|location|place|region|address|destination|origin|site|area|town|state|warehouse|office|branch|station/i;
const CALENDAR =
  /^(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|may|june|july|august|september|october|november|december|today|tomorrow|yesterday|eur|usd|gbp|chf|ok|hi|hello|hey|please|thanks|dear)$/i;

/** Text in quotation marks. */
export function quotedIn(text: string): PhraseMention[] {
  return [
    ...text.matchAll(
      /["“”„«]([^"“”„»]{1,400})["“”»]|(?<![\p{L}\p{N}])['‘]([^'’]{2,400})['’](?![\p{L}\p{N}])/gu,
    ),
  ].map(match => ({
    value: (match[1] ?? match[2]).trim(),
    start: match.index,
    end: match.index + match[0].length,
    marked: true,
  }));
}

/** Runs of capitalised words that do not merely begin a sentence. */
export function properNounsIn(text: string): PhraseMention[] {
  const words = wordsOf(text);
  const found: PhraseMention[] = [];
  let run: Word[] = [];
  const flush = () => {
    if (run.length) {
      const [first, last] = [run[0], run[run.length - 1]];
      const value = text.slice(first.start, last.end).replace(/['’]s$/, '');
      found.push({
        value,
        start: first.start,
        end: first.start + value.length,
        marked: true,
      });
    }
    run = [];
  };
  for (const [index, word] of words.entries()) {
    const capital =
      /^\p{Lu}[\p{L}'’&.-]*$/u.test(word.text) && !CALENDAR.test(word.lower);
    const sentenceStart =
      index === 0 || /[.?!:\n]\s*$/.test(text.slice(0, word.start));
    const plain =
      isStopword(word.lower) || isReadVerb(word.stem) || isWriteVerb(word.stem);
    const nextCapital = /^\p{Lu}\p{Ll}/u.test(words[index + 1]?.text ?? '');
    const belongs =
      capital && !plain && !(sentenceStart && !nextCapital && words.length > 2);
    const adjoining =
      run.length > 0 &&
      /^[\s&'’.-]{1,3}$/.test(text.slice(run[run.length - 1].end, word.start));
    if (belongs && (run.length === 0 || adjoining)) run.push(word);
    else {
      flush();
      if (belongs) run.push(word);
    }
    if (/['’]s$/.test(word.text)) flush();
  }
  flush();
  return found;
}

function afterPreposition(
  text: string,
  parameter: Parameter,
  known: (word: Word) => boolean,
): PhraseMention[] {
  const place = PLACE.test(parameter.name);
  const words = wordsOf(text);
  const found: PhraseMention[] = [];
  for (const [index, word] of words.entries()) {
    const named =
      parameter.stems.includes(word.stem) ||
      /^(?:named|called|titled)$/.test(word.lower);
    const leads = place
      ? /^(?:in|at|near|from|to|into|for|of)$/
      : /^(?:for|of|by|from|with|about)$/;
    const possessive =
      /['’]s$/.test(words[index + 1]?.text ?? '') && !known(words[index + 1]);
    if (!named && !leads.test(word.lower) && !possessive) continue;
    const run: Word[] = [];
    for (const next of words.slice(index + 1, index + 5)) {
      if (
        isStopword(next.lower) ||
        known(next) ||
        CALENDAR.test(next.lower) ||
        /\d|@/.test(next.text)
      )
        break;
      if (
        run.length &&
        !/^[\s-]+$/.test(text.slice(run[run.length - 1].end, next.start))
      )
        break;
      run.push(next);
      if (/['’]s$/.test(next.text)) break;
    }
    if (!run.length) continue;
    const start = run[0].start;
    const value = text
      .slice(start, run[run.length - 1].end)
      .replace(/['’]s$/, '');
    found.push({ value, start, end: start + value.length, marked: false });
  }
  return found;
}

/** Names and other short phrases, the best first; `known` tells words of the tools from words that must be values. */
export function findPhrases(
  text: string,
  parameter: Parameter,
  used: Span[],
  known: (word: Word) => boolean,
): PhraseMention[] {
  const place = PLACE.test(parameter.name);
  const free = (mention: PhraseMention) =>
    !used.some(span => overlaps(span, mention));
  const score = (mention: PhraseMention) => {
    const head = text
      .slice(Math.max(0, mention.start - 18), mention.start)
      .toLowerCase();
    const last = /(\p{L}+)['’]?s?\W*$/u.exec(head)?.[1] ?? '';
    const isPlaceLead = /^(?:in|at|near|to|into)$/.test(last);
    let points = mention.marked ? 2 : 1;
    if (parameter.stems.includes(stemOf(last))) points += 3;
    if (place === isPlaceLead) points += 1;
    if (mention.marked && wordsOf(mention.value).every(known)) points -= 2;
    return points;
  };
  return [
    ...quotedIn(text),
    ...properNounsIn(text),
    ...afterPreposition(text, parameter, known),
  ]
    .filter(free)
    .filter(mention => score(mention) > 0)
    .sort((a, b) => score(b) - score(a));
}

/** A reason, remark or message in the person's own words. */
export function findNote(
  text: string,
  used: Span[],
): PhraseMention | undefined {
  const quoted = quotedIn(text).find(
    mention => !used.some(span => overlaps(span, mention)),
  );
  if (quoted) return quoted;
  const lead =
    /(?:\bbecause(?: of)?|\bsince (?=it|they|he|she|we|i\b|the )|\bas (?=it|they|he|she|we|i\b)|\bdue to|\breason(?: is|:| being)?|\bsaying(?: that)?|\bsays|\b(?:note|message|comment|text|details)\s*[:=]|\bwith (?:the |a )?(?:note|message|comment|reason)\s*(?:that)?|\bthat (?=it|they|the)|:\s|\s[–—-]\s|,\s*(?=it |they |he |she |i |we |the |customer |wrong|broken|damaged|changed|arrived|does))\s*/i.exec(
      text,
    );
  if (!lead) return undefined;
  const start = lead.index + lead[0].length;
  const value = text
    .slice(start)
    .trim()
    .replace(/[.!?]+$/, '');
  return contentWords(value).length
    ? { value, start, end: start + value.length, marked: false }
    : undefined;
}

/** Words that rank what is found, and so are not in it. */
const RANKING =
  /^(?:cheapest|priciest|highest|lowest|largest|smallest|biggest|newest|latest|oldest|earliest|longest|shortest|heaviest|lightest)$/;

/** The words to search for: what the text is about, without the words that only ask for a search. */
export function searchWords(
  text: string,
  used: Span[],
  skip: (word: Word) => boolean,
): string {
  const quoted = quotedIn(text)[0];
  if (quoted) return quoted.value;
  const words = contentWords(text).filter(
    word =>
      !used.some(span => overlaps(span, word)) && !RANKING.test(word.lower),
  );
  const seen = new Set<string>();
  const unique = words.filter(
    word => !seen.has(word.lower) && seen.add(word.lower),
  );
  const telling = unique.filter(word => !skip(word));
  return (telling.length ? telling : unique).map(word => word.lower).join(' ');
}
