import { likeness } from '../lexicon/synonyms';
import { withPlainWords } from '../lexicon/idioms';
import {
  contentWords,
  isStopword,
  isTypoOf,
  splitIdentifier,
  stemOf,
  wordsOf,
  type Word,
} from '../lexicon/words';
import type { Parameter } from './parameter';

/** A choice found in a text. */
export interface ChoiceMention {
  value: unknown;
  start: number;
  end: number;
  /** True when the text has the value itself, not only a word like it. */
  exact: boolean;
}

function negated(text: string, start: number): boolean {
  return /\b(?:not|never|isn'?t|aren'?t|wasn'?t|without|un|non|no|except|excluding)(?:\s+(?:yet|been|the|any))?[\s-]+$/i.test(
    text.slice(Math.max(0, start - 20), start),
  );
}

function matchWord(stem: string, word: Word): number {
  if (stem === word.stem) return 1;
  if (isTypoOf(stem, word.stem)) return 0.9;
  return likeness(stem, word.stem);
}

/** Finds which of the allowed values a text names, best first. */
export function findChoices(
  request: string,
  parameter: Parameter,
): ChoiceMention[] {
  const text = withPlainWords(request);
  const words = wordsOf(text);
  const found: (ChoiceMention & { score: number })[] = [];
  for (const value of parameter.schema.enum ?? []) {
    const parts = splitIdentifier(String(value)).map(stemOf);
    if (!parts.length) continue;
    const hits = parts.map(part => {
      let best: { word: Word; score: number } | undefined;
      for (const word of words) {
        const score = matchWord(part, word);
        if (score > (best?.score ?? 0)) best = { word, score };
      }
      return best;
    });
    const whole = hits.filter(hit => hit !== undefined);
    const needed =
      parts.filter(part => !isStopword(part)).length || parts.length;
    if (whole.length < needed) continue;
    const score = Math.min(...whole.map(hit => hit.score));
    const start = Math.min(...whole.map(hit => hit.word.start));
    const end = Math.max(...whole.map(hit => hit.word.end));
    // far-apart words are a coincidence
    if (
      score < 0.6 ||
      negated(text, start) ||
      end - start > 20 + String(value).length * 2
    )
      continue;
    // "the marketing team": the word beside it says which parameter it is for
    const beside = words.filter(
      word =>
        (word.start >= end && word.start - end <= 2) ||
        (word.end <= start && start - word.end <= 2),
    );
    const named = beside.some(word =>
      parameter.stems.some(stem => likeness(stem, word.stem) > 0),
    );
    found.push({
      value,
      start,
      end,
      exact: score >= 0.9,
      score: score + parts.length * 0.05 + (named ? 0.2 : 0),
    });
  }
  found.sort((a, b) => b.score - a.score);
  // "in transit" beats a like-word of "transit"
  const exact = found.filter(mention => mention.exact);
  return exact.length ? exact : found;
}

const FLAG_WORDS = new Set([
  'includ',
  'onli',
  'is',
  'has',
  'with',
  'show',
  'onlyif',
  'ha',
  'flag',
  'all',
  'just',
]);

/** Whether a text asks for what a yes/no parameter is named for; undefined when it does not say. */
export function findFlag(
  text: string,
  parameter: Parameter,
): { value: boolean; start: number; end: number } | undefined {
  const wanted = parameter.stems.filter(
    stem => !FLAG_WORDS.has(stem) && !isStopword(stem),
  );
  if (!wanted.length) return undefined;
  const words = contentWords(text);
  const hits = wanted.map(stem =>
    words.find(word => matchWord(stem, word) >= 0.9),
  );
  if (hits.some(hit => !hit)) return undefined;
  const start = Math.min(...hits.map(hit => hit!.start));
  const end = Math.max(...hits.map(hit => hit!.end));
  return { value: !negated(text, start), start, end };
}
