const NUMBER_WORDS: Record<string, number> = {
  zero: 0,
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  eleven: 11,
  twelve: 12,
  dozen: 12,
  fifteen: 15,
  twenty: 20,
  thirty: 30,
  fifty: 50,
  hundred: 100,
};

/** A number in a text, with what stands round it. */
export interface NumberMention {
  value: number;
  /** Words just before, nearest last; lower case. */
  before: string[];
  /** Words just after, nearest first; lower case. */
  after: string[];
  money: boolean;
  percent: boolean;
  /** The comparison that introduces it. */
  bound?: 'min' | 'max';
  start: number;
  end: number;
}

const SCALES: Record<string, number> = { k: 1e3, m: 1e6 };

const NUMBER =
  /(?<![\p{L}\p{N}_#/.-])([$€£]\s?)?(\d{1,3}(?:[,' ]\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?)(k|m)?(?![\p{L}\p{N}_/]|-[\p{L}\p{N}]|[.:]\d)\s?(%|percent|€|\$|£|eur|euros?|usd|dollars?|pounds?|gbp|chf|bucks)?/giu;

const MIN =
  /(?:over|above|more than|at least|greater than|higher than|exceeding|from|minimum(?: of)?|min|larger than|bigger than|longer than|older than|upwards of|>=?)\s*$/i;
const MAX =
  /(?:under|below|less than|at most|fewer than|up to|lower than|maximum(?: of)?|max|smaller than|cheaper than|shorter than|no more than|within|<=?)\s*$/i;

function surroundings(text: string, start: number, end: number) {
  const tidy = (part: string) =>
    part.toLowerCase().match(/[\p{L}\p{N}_'-]+/gu) ?? [];
  return {
    before: tidy(text.slice(Math.max(0, start - 60), start)).slice(-4),
    after: tidy(text.slice(end, end + 60)).slice(0, 4),
  };
}

/** Every number that stands alone in the text; digits inside identifiers and dates do not count. */
export function numbersIn(text: string): NumberMention[] {
  const found: NumberMention[] = [];
  for (const match of text.matchAll(NUMBER)) {
    const [whole, sign, digits, scale, unit] = match;
    let plain = digits.replace(/[' ]/g, '');
    plain = /,\d{1,2}$/.test(plain)
      ? plain.replace(',', '.')
      : plain.replace(/,/g, '');
    const factor = SCALES[scale?.toLowerCase() ?? ''] ?? 1;
    const head = text.slice(Math.max(0, match.index - 24), match.index);
    const end = match.index + whole.length;
    found.push({
      value: Number(plain) * factor,
      ...surroundings(text, match.index, end),
      money: Boolean(sign) || /^(?!%|percent)/i.test(unit ?? '%'),
      percent: /^(?:%|percent)$/i.test(unit ?? ''),
      ...(MIN.test(head) ? { bound: 'min' as const } : {}),
      ...(MAX.test(head) ? { bound: 'max' as const } : {}),
      start: match.index,
      end,
    });
  }
  for (const match of text.matchAll(/\b([a-z]+)\b/gi)) {
    const value = NUMBER_WORDS[match[1].toLowerCase()];
    if (value === undefined) continue;
    // "one" is far more often a pronoun than a number
    if (
      match[1].toLowerCase() === 'one' &&
      !/^\s+\p{Ll}+/u.test(text.slice(match.index + 3))
    )
      continue;
    const head = text.slice(Math.max(0, match.index - 24), match.index);
    const end = match.index + match[0].length;
    found.push({
      value,
      ...surroundings(text, match.index, end),
      money: false,
      percent: false,
      ...(MIN.test(head) ? { bound: 'min' as const } : {}),
      ...(MAX.test(head) ? { bound: 'max' as const } : {}),
      start: match.index,
      end,
    });
  }
  return found.sort((a, b) => a.start - b.start);
}
