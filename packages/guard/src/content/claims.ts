import { fold } from '../text/fold';

/**
 * Something an answer says that stands nowhere in what the model was told.
 *
 * @public
 */
export interface UnsupportedClaim {
  kind: 'figure' | 'date' | 'name';
  start: number;
  end: number;
}

/**
 * In an answer of more characters no unsupported claims are looked for.
 *
 * @public
 */
export const MAX_CHECKED_ANSWER = 50_000;
/** Nor of more that was told. */
const MAX_SOURCES = 200_000;
const MAX_CLAIMS = 20;
/** Of so many figures, the sums and differences of two are supported as well. */
const MAX_COMBINED = 60;
/** A told figure supports itself with so many digits after the point. */
const PLACES = [0, 1, 2];
/** Smaller whole numbers count things, and number lists. */
const LEAST_FIGURE = 13;
/** By their first letters, in English and German. */
const MONTHS = new Map(
  'jan feb mar apr may jun jul aug sep oct nov dec mär mai okt dez'
    .split(' ')
    .map((begin, i) => [begin, i < 12 ? i + 1 : [3, 5, 10, 12][i - 12]]),
);
const MONTH_NAMES =
  'jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch)?|m[aä]rz|apr(?:il)?|may|mai|june?|juni|july?|juli|aug(?:ust)?|sep(?:t(?:ember)?)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?';
const ISO_DATE = /(?<!\d)(?<year>\d{4})-(?<month>\d{2})-(?<date>\d{2})(?!\d)/g;
const DAY_MONTH = new RegExp(
  `(?<!\\d)(?<date>\\d{1,2})(?:st|nd|rd|th|\\.)? (?<month>${MONTH_NAMES})(?![a-z])\\.?,? ?(?<year>\\d{4})?`,
  'gi',
);
const MONTH_DAY = new RegExp(
  `(?<![a-z])(?<month>${MONTH_NAMES})\\.? (?<date>\\d{1,2})(?:st|nd|rd|th)?(?!\\d)(?:,? (?<year>\\d{4}))?`,
  'gi',
);
const FIGURE = /(?<![\p{L}\d.,-])\d[\d.,']{0,24}(?![\p{L}\d])/gu;
const NAME = /\p{Lu}[\p{Ll}'’-]+(?: \p{Lu}[\p{Ll}'’-]+){1,3}/gu;

/**
 * Figures, dates and names of an answer that are in none of the texts it is drawn from.
 * Figures count as supported when rounding, or a sum or difference of two that are told,
 * gives them. It cannot say whether what is told is true, nor judge a claim without these.
 *
 * @returns nothing when there are no sources, or more than 200,000 characters of them
 * @public
 */
export function unsupportedClaims(
  answer: string,
  sources: readonly string[],
): UnsupportedClaim[] {
  const told = sources.join('\n');
  if (
    !told ||
    told.length > MAX_SOURCES ||
    answer.length > MAX_CHECKED_ANSWER
  ) {
    return [];
  }
  const claims: UnsupportedClaim[] = [];
  const add = (kind: UnsupportedClaim['kind'], index: number, text: string) =>
    claims.push({ kind, start: index, end: index + text.length });
  const known = datesIn(told);
  // Who names a year has it from one that was told, or from a day without any.
  const days = new Set(
    known.flatMap(({ day, year = '' }) => [day, `${year}-${day}`]),
  );
  const dates = datesIn(answer);
  const ofDates = new Uint8Array(answer.length);
  for (const { day, index, text, year } of dates) {
    ofDates.fill(1, index, index + text.length);
    const isTold = year
      ? days.has(`${year}-${day}`) || days.has(`-${day}`)
      : days.has(day);
    if (!isTold) add('date', index, text);
  }
  const isSupported = supportedBy(told);
  for (const { 0: text, index } of answer.matchAll(FIGURE)) {
    const figure = text.replace(/[.,']+$/, '');
    if (!ofDates[index] && !isSupported(figure)) add('figure', index, figure);
  }
  const folded = fold(told);
  for (const { 0: text, index } of answer.matchAll(NAME)) {
    const name = beginsSentence(answer, index)
      ? text.slice(text.indexOf(' ') + 1)
      : text;
    if (name.includes(' ') && !folded.includes(fold(name))) {
      add('name', index + text.length - name.length, name);
    }
  }
  return claims.sort((a, b) => a.start - b.start).slice(0, MAX_CLAIMS);
}

function datesIn(text: string) {
  const found: Array<{
    day: string;
    year?: string;
    index: number;
    text: string;
  }> = [];
  for (const form of [ISO_DATE, DAY_MONTH, MONTH_DAY]) {
    for (const { 0: all, groups, index } of text.matchAll(form)) {
      const { date, month, year } = groups!;
      const day = `${monthOf(month)}-${date.padStart(2, '0')}`;
      found.push({ day, year, index, text: all });
    }
  }
  return found;
}

/** Of a name or a number, in two digits. */
function monthOf(written: string): string {
  const month = MONTHS.get(written.slice(0, 3).toLowerCase()) ?? written;
  return String(month).padStart(2, '0');
}

/** All that a written figure can mean: `1.200` is 1200 in one language and 1.2 in another. */
function valuesOf(figure: string): number[] {
  const english = Number(figure.replace(/[,']/g, ''));
  const german = Number(figure.replace(/[.']/g, '').replace(',', '.'));
  return [...new Set([english, german])].filter(Number.isFinite);
}

function supportedBy(told: string): (figure: string) => boolean {
  const values = new Set<number>();
  for (const [text] of told.matchAll(FIGURE)) {
    for (const value of valuesOf(text.replace(/[.,']+$/, ''))) {
      values.add(value);
    }
  }
  // Also those that stand within words, such as SO-2026-00417.
  const digits = new Set(told.match(/\d+/g) ?? []);
  const list = [...values];
  // In sets, because whoever writes both texts would choose how many are compared with how many.
  const rounded = PLACES.map(
    places => new Set(list.map(value => roundedTo(value, places))),
  );
  const combined = new Set<number>();
  if (list.length <= MAX_COMBINED) {
    for (const a of list) {
      for (const b of list) {
        for (const value of [a + b, Math.abs(a - b), a * b]) {
          combined.add(roundedTo(value, 2));
        }
      }
    }
  }
  return figure =>
    digits.has(figure) ||
    valuesOf(figure).some(
      value =>
        (value < LEAST_FIGURE && Number.isInteger(value)) ||
        values.has(value) ||
        combined.has(roundedTo(value, 2)) ||
        rounded.some(of => of.has(value)),
    );
}

function roundedTo(value: number, places: number): number {
  return Math.round(value * 10 ** places) / 10 ** places;
}

function beginsSentence(text: string, at: number): boolean {
  return /(?:^|[.!?:\n*#>-])\s*$/.test(text.slice(Math.max(0, at - 4), at));
}
