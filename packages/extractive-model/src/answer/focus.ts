import type { Reading } from '../text/reading';
import { likeness, splitIdentifier, stemOf, wordsOf } from '../text/words';
import type { Field } from './data';

/** What a question wants to know of a record. */
export interface Focus {
  /** Stems of the words that can name a field. */
  stems: readonly string[];
  /** Stems of fields that the question word asks for: of "when", date and time. */
  asked: readonly string[];
}

/** No question: everything is wanted alike. */
export const EVERYTHING: Focus = { stems: [], asked: [] };

/** Reads the focus of a question; `values` are words that already served as arguments. */
export function focusOf(reading: Reading, values: string[]): Focus {
  const used = new Set(
    values.flatMap(value =>
      wordsOf(value.slice(0, 200)).flatMap(word => word.stems),
    ),
  );
  return {
    stems: [
      ...new Set(reading.content.slice(0, 60).flatMap(word => word.stems)),
    ].filter(stem => !used.has(stem) && !/\d/.test(stem)),
    asked: reading.asked.flat(),
  };
}

const UNIT =
  /^(?:id|on|at|by|is|ha|eur|usd|gbp|chf|km|kg|gram|cent|percent|celsius)$/;
const TIME = /^(?:date|time|day|when|due|since|until)$/;

/**
 * How much a field is asked for: 2 and more by its own name, about 1 by the question word, 0 not at all.
 */
export function relevanceOfField(
  field: Pick<Field, 'path' | 'value'>,
  focus: Focus,
): number {
  const stems = field.path
    .flatMap(splitIdentifier)
    .map(word => stemOf(word.toLowerCase()));
  const key = field.path.at(-1) ?? '';
  const own = splitIdentifier(key)
    .map(word => stemOf(word.toLowerCase()))
    .filter(stem => !UNIT.test(stem));
  let score = 0;
  for (const stem of focus.stems) {
    const like = Math.max(0, ...own.map(word => likeness(word, stem)));
    if (like >= 0.75) score += 2 / Math.max(1, Math.sqrt(own.length));
    else if (like > 0) score += 1.4 / Math.max(1, Math.sqrt(own.length));
    else if (stems.includes(stem)) score += 0.6;
  }
  const dated = /^\d{4}-\d{2}|^\d{1,2}:\d{2}/.test(String(field.value));
  const asksTime = focus.asked.some(stem => TIME.test(stem));
  const asksName = focus.asked.includes(stemOf('person'));
  if (asksName && (dated || typeof field.value === 'number')) return 0;
  if (asksTime && !dated) score *= 0.4;
  const all = splitIdentifier(key).map(word => stemOf(word.toLowerCase()));
  if (all.some(stem => focus.asked.includes(stem))) {
    const number = /\d/.test(String(field.value));
    const asksAmount = focus.asked.includes('price');
    let suits = asksName || number || typeof field.value === 'string';
    if (asksTime) suits = dated;
    if (asksAmount) suits = number;
    if (suits) score += 0.9;
  }
  return score;
}
