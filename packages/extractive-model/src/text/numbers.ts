import { numberWord, ordinalWord } from '../time/words';
import type { Word } from './words';

/** A number in a text, with what stands round it. */
export interface NumberMention {
  value: number;
  /** The word or sign after it, such as `kg`, `%` or `shares`; in Chinese its measure word. */
  unit: string;
  /** A currency sign or code beside it, as a code. */
  currency?: string;
  percent: boolean;
  /** True for "third" and "3rd". */
  ordinal: boolean;
  bound?: 'min' | 'max';
  /** Words before and after it, nearest first. */
  before: Word[];
  after: Word[];
  start: number;
  end: number;
}

const SIGNS: Record<string, string> = {
  '€': 'EUR',
  $: 'USD',
  '£': 'GBP',
  '¥': 'CNY',
  eur: 'EUR',
  euro: 'EUR',
  euros: 'EUR',
  usd: 'USD',
  dollar: 'USD',
  dollars: 'USD',
  gbp: 'GBP',
  pounds: 'GBP',
  chf: 'CHF',
  franken: 'CHF',
  yen: 'JPY',
  元: 'CNY',
  欧元: 'EUR',
  美元: 'USD',
};
const SCALES: Record<string, number> = {
  k: 1e3,
  thousand: 1e3,
  tausend: 1e3,
  mille: 1e3,
  mil: 1e3,
  m: 1e6,
  million: 1e6,
  millionen: 1e6,
  百: 100,
  千: 1e3,
  万: 1e4,
  亿: 1e8,
  dozen: 12,
  hundred: 100,
  hundert: 100,
};
const MIN =
  /(?:at least|after|since|seit|nach|minimum(?: of)?|min|over|above|more than|greater than|larger than|longer than|bigger than|from|starting at|mindestens|über|mehr als|ab|au moins|plus de|al menos|más de|至少|超过|大于|高于|>=?)\s*[€$£¥]?$/i;
const MAX =
  /(?:at most|before|until|vor|bis|maximum(?: of)?|max|under|below|less than|fewer than|up to|lower than|smaller than|cheaper than|shorter than|within|höchstens|maximal|unter|weniger als|bis zu|au plus|moins de|como máximo|menos de|最多|低于|少于|小于|<=?)\s*[€$£¥]?$/i;
/** "half an hour", "eine halbe Stunde", 半小时. */
const HALF =
  /^(?:half (?:an? )?|halbe[nrs]? |demi-|media )(hour|day|year|month|kilo|litre|liter|stunde|jahr|tag|heure|hora)\b|^半个?(小时|天|年|月)/iu;
/** "no more than", "nothing after": the other way round. */
const TURNED =
  /(?:\b(?:no|not|nothing|none|never|nicht|nichts|kein\p{L}*|pas|nada)|n['’]t)\s+(?:\p{L}+\s+)?$|不$/iu;
const AFTER_MIN =
  /^\s*\p{L}*\s*(?:or more|or longer|or above|and up(?:wards)?|and above|\+|und mehr|oder mehr|以上|以后)/iu;
const AFTER_MAX =
  /^\s*\p{L}*\s*(?:or less|or fewer|or below|oder weniger|以下|以内|以前|之前|年以前)/iu;

function boundOf(head: string, tail: string): 'min' | 'max' | undefined {
  const least = MIN.exec(head);
  const most = MAX.exec(head);
  const said = least ?? most;
  if (said && TURNED.test(head.slice(0, said.index)))
    return least ? 'max' : 'min';
  if (least || AFTER_MIN.test(tail)) return 'min';
  return most || AFTER_MAX.test(tail) ? 'max' : undefined;
}

function valueOf(digits: string): number {
  const plain = /,\d{1,2}$/.test(digits)
    ? digits.replace(/\./g, '').replace(',', '.')
    : digits.replace(/,/g, '');
  return Number(
    /\.\d{3}(?:\.\d{3})+$/.test(plain) ? plain.replace(/\./g, '') : plain,
  );
}

/** Every number that stands alone; digits inside identifiers, dates and times do not count. */
export function numbersIn(
  text: string,
  words: readonly Word[],
): NumberMention[] {
  const found: NumberMention[] = [];
  for (const [index, word] of words.entries()) {
    const match = /^(\d{1,12}(?:[.,'’]\d{1,9})*)(\p{L}{1,12})?$/u.exec(
      word.text,
    );
    const counted = match ? undefined : ordinalWord(word.lower);
    const part = match
      ? undefined
      : HALF.exec(text.slice(word.start, word.start + 40));
    const spoken = match
      ? undefined
      : numberWord(word.lower) ?? counted ?? (part ? 0.5 : undefined);
    const article = /^(?:a|an|un|une|una|ein\w*|uno)$/.test(word.lower);
    if (
      (!match && spoken === undefined) ||
      (article &&
        !/^(?:dozen|hundred|thousand|million|hour|couple)$/.test(
          words[index + 1]?.lower ?? '',
        ))
    )
      continue;
    let value = match ? valueOf(match[1]) : spoken!;
    if (!Number.isFinite(value)) continue;
    let after = words.slice(index + 1, index + 5);
    let glued = match?.[2]?.toLowerCase() ?? '';
    if (/^(?:am|pm|uhr)$/.test(glued)) continue;
    const ordinal = counted !== undefined || /^(?:st|nd|rd|th)$/.test(glued);
    if (ordinal) glued = '';
    const start = word.start;
    let { end } = word;
    if (part) {
      glued = (part[1] ?? part[2]).toLowerCase();
      end = start + part[0].length;
      after = words.filter(other => other.start >= end).slice(0, 4);
    }
    // "one" is far more often a pronoun than a number
    if (
      word.lower === 'one' &&
      (!after.length ||
        /^(?:the|this|that|which|each|every|another|no|any)$/.test(
          words[index - 1]?.lower ?? '',
        ))
    )
      continue;
    const scale = SCALES[glued || (after[0]?.lower ?? '')];
    const metres = (glued || after[0]?.lower) === 'm';
    if (scale && !(metres && !/[€$£]/.test(text[start - 1] ?? ''))) {
      value *= scale;
      if (glued) glued = '';
      else {
        ({ end } = after[0]);
        after = after.slice(1);
      }
    }
    const half = /^\s+(?:and a half|einhalb)\b/i.exec(
      text.slice(end, end + 14),
    );
    if (half) {
      value += 0.5;
      end += half[0].length;
      after = words.filter(other => other.start >= end).slice(0, 4);
    }
    const head = text.slice(Math.max(0, start - 28), start);
    const tail = text.slice(end, end + 28);
    if (
      /[-–]$/.test(head) &&
      !/\d\s*[-–]$/.test(head) &&
      /(?:^|\s)[-–]$/.test(head)
    )
      value = -value;
    const sign =
      /([€$£¥])\s?$/.exec(head)?.[1] ?? /^\s?([€$£¥%°])/.exec(tail)?.[1];
    const unit = glued || (sign && !SIGNS[sign] ? sign : after[0]?.lower ?? '');
    const currency =
      SIGNS[sign ?? ''] ??
      SIGNS[glued] ??
      SIGNS[after[0]?.lower ?? ''] ??
      SIGNS[words[index - 1]?.lower ?? ''];
    const percent =
      sign === '%' ||
      /^(?:percent|prozent|pct|por)$/.test(unit) ||
      /百分之$/.test(head);
    const bound = boundOf(head, tail);
    found.push({
      value,
      unit,
      ...(currency ? { currency } : {}),
      percent,
      ordinal,
      ...(bound ? { bound } : {}),
      before: words.slice(Math.max(0, index - 4), index).reverse(),
      after,
      start,
      end,
    });
  }
  // between 1890 and 1914, from 5 to 7: the first is a lower bound, the second an upper one
  for (const [index, low] of found.entries()) {
    const high = found[index + 1];
    const gap = high && text.slice(low.end, high.start);
    const head = text.slice(Math.max(0, low.start - 16), low.start);
    const range =
      gap !== undefined &&
      (/^\s*(?:to|bis|until|[-–]|à|a|到|至)\s*[€$£]?$/i.test(gap) ||
        (/^\s*(?:and|und|et|y|和)\s*[€$£]?$/i.test(gap) &&
          /(?:between|zwischen|entre)\s*[€$£]?$/i.test(head)));
    if (range && low.value < high.value)
      [low.bound, high.bound] = ['min', 'max'];
  }
  return found;
}
