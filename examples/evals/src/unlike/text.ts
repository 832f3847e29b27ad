import type { Fact } from './dataset';

const WORDS: Record<string, string[]> = {
  '0': ['zero', 'none', 'no', 'null', 'keine', 'kein', 'keiner', '零', '没有'],
  '1': ['one', 'a single', 'once', 'eins', 'eine', 'ein', 'einer', '一'],
  '2': ['two', 'twice', 'both', 'zwei', '二', '两', 'deux', 'dos'],
  '3': ['three', 'drei', '三', 'trois', 'tres'],
  '4': ['four', 'vier', '四', 'quatre', 'cuatro'],
  '5': ['five', 'fünf', '五', 'cinq', 'cinco'],
  '6': ['six', 'sechs', '六', 'seis'],
  '7': ['seven', 'sieben', '七', 'sept', 'siete'],
  '8': ['eight', 'acht', '八', 'huit', 'ocho'],
  '9': ['nine', 'neun', '九', 'neuf', 'nueve'],
  '10': ['ten', 'zehn', '十', 'dix', 'diez'],
};
const MONTHS: Record<string, string[]> = {
  en: 'January February March April May June July August September October November December'.split(
    ' ',
  ),
  de: 'Januar Februar März April Mai Juni Juli August September Oktober November Dezember'.split(
    ' ',
  ),
  fr: 'janvier février mars avril mai juin juillet août septembre octobre novembre décembre'.split(
    ' ',
  ),
  es: 'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre'.split(
    ' ',
  ),
};

const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Case, width, kinds of quotes and of spaces make no difference. */
export function fold(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[‘’´`]/g, "'")
    .replace(/[“”„«»]/g, '"')
    .replace(/[‐-―−]/g, '-')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The text as people of either custom write numbers: 1,250.5 and 1.250,5 both become 1250.5. */
function readings(text: string): string[] {
  const folded = fold(text).replace(/[*_]{2}|`/g, '');
  return [
    folded.replace(/(?<=\d)[, ](?=\d{3}(?!\d))/g, ''),
    folded
      .replace(/(?<=\d)[. '](?=\d{3}(?!\d))/g, '')
      .replace(/(?<=\d),(?=\d)/g, '.'),
  ];
}

function waysToSay(fact: string): string[] {
  const date = /^(\d{4})-(\d\d)-(\d\d)$/.exec(fact);
  if (!date) return [fact, ...(WORDS[fact] ?? [])];
  const [, year, month, day] = date;
  const d = Number(day);
  const m = Number(month);
  const names = Object.values(MONTHS).flatMap(list => [
    list[m - 1],
    list[m - 1].slice(0, 3),
  ]);
  return [
    fact,
    `${day}.${month}.${year}`,
    `${d}.${m}.${year}`,
    `${day}.${month}.`,
    `${d}.${m}.`,
    `${day}/${month}/${year}`,
    `${month}/${day}/${year}`,
    `${m}/${d}/${year}`,
    `${m}月${d}日`,
    ...names.flatMap(name => [
      ...['', '.', 'th', 'st', 'nd', 'rd', ' de'].map(
        end => `${d}${end} ${name}`,
      ),
      ...['', 'th', 'st', 'nd', 'rd'].map(end => `${name} ${d}${end}`),
      `${name} ${day}`,
    ]),
  ];
}

function contains(reading: string, way: string): boolean {
  const wanted = fold(way);
  if (/[\u3400-\u9fff]/.test(wanted)) return reading.includes(wanted);
  const number = /^\d+(\.\d+)?$/.test(wanted);
  const pattern = number
    ? `(?<![\\d\\p{L}]|\\d[.,])${escape(wanted)}(?:${
        wanted.includes('.') ? '0*' : '\\.0+'
      })?(?!\\d|[.,]\\d)`
    : `(?<![\\p{L}\\p{N}])${escape(wanted)}(?![\\p{Script=Latin}\\p{N}])`;
  return new RegExp(pattern, 'u').test(reading);
}

/** Whether a text states a fact in one of its ways; numbers may be words, dates may be written out. */
export function states(text: string, fact: Fact): boolean {
  const ways = [fact].flat().flatMap(waysToSay);
  return readings(text).some(reading =>
    ways.some(way => contains(reading, way)),
  );
}

// Words that turn a sentence round or make it an offer, in the languages of the cases.
const NEGATED =
  /(?<!\p{L})(not|no|cannot|never|unable|without|neither|nor|isn't|only|\p{L}+n't|nicht|kein\p{L}*|nie|ohne|weder|nur|pas|aucun\p{L}*|impossible|sin|nunca|ning\p{L}+|si|if|wenn|falls|would|could|können|könnte)(?!\p{L})|[不没无未]|如果/u;
const ASKING =
  /[?？]|(?<!\p{L})(please|tell me|let me know|need|missing|specify|provide|which|what|bitte|brauche|benötige|fehl\p{L}*|welche\p{L}*|nenne\p{L}*|préciser|précisez|veuillez|besoin|indique\p{L}*|necesito|por favor|falta)(?!\p{L})|请|需要|哪|什么|缺/u;

const sentences = (text: string) =>
  fold(text).split(/(?<=[.!?。！？])(?:\s+|(?<=[。！？]))|\n+/);

/** Whether a sentence says, as a fact, one of the words by which something is claimed to be done. */
export function claims(text: string, words: string[]): boolean {
  return sentences(text).some(
    sentence =>
      !/[?？]$/.test(sentence) &&
      !NEGATED.test(sentence) &&
      words.some(word => contains(sentence, word)),
  );
}

/** Whether a text asks for something that one of the words names. */
export function asksFor(text: string, words: string[]): boolean {
  const folded = fold(text);
  return ASKING.test(folded) && words.some(word => folded.includes(fold(word)));
}
