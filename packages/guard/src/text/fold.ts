/** Letters of other scripts that look like Latin ones, after NFKC and in lower case. */
const LOOKALIKES: Record<string, string> = {
  a: 'аαɑаⱥạᴀ',
  b: 'ьбʙɓᏏ',
  c: 'сϲⅽᴄ¢',
  d: 'ԁɗⅾᴅժ',
  e: 'еєεɛҽᴇ℮',
  f: 'ғƒſꜰ',
  g: 'ɡցɢǥ',
  h: 'һհнʜħ',
  i: 'іιıɩɪӏǀ',
  j: 'јϳᴊ',
  k: 'кκᴋƙ',
  l: 'ⅼʟłӏ',
  m: 'мⅿᴍ',
  n: 'пηոɴŋ',
  o: 'оοօσᴏøө',
  p: 'рρᴘþ',
  q: 'ԛգ',
  r: 'гʀɾя',
  s: 'ѕʂꜱ',
  t: 'тτᴛŧ',
  u: 'υսцᴜʋ',
  v: 'νѵᴠ',
  w: 'ԝωᴡѡш',
  x: 'хχⅹ×',
  y: 'уүγʏ',
  z: 'ᴢʐƶ',
};
const LATIN = new Map(
  Object.entries(LOOKALIKES).flatMap(([latin, others]) =>
    [...others].map(other => [other, latin] as const),
  ),
);
const LOOKALIKE = new RegExp(`[${[...LATIN.keys()].join('')}]`, 'gu');
// Zero width, soft hyphen, bidi controls, variation selectors, fillers.
const INVISIBLE =
  /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]|[\u{e0100}-\u{e01ef}]/gu;
const TAG_CHARACTERS = /[\u{e0000}-\u{e007f}]/gu;
const TAGS = /[\u{e0020}-\u{e007e}]/gu;
/** Emoji are drawn with some of what cannot be seen by itself. */
const EMOJI = /\p{Emoji}\ufe0f?(?:\u200d\p{Emoji}\ufe0f?)*/gu;
const MARKS = /\p{Mn}+/gu;

/** Text written in Unicode tag characters, which nobody sees. */
export function hiddenInTags(text: string): string {
  return (text.match(TAGS) ?? [])
    .map(tag => String.fromCodePoint(tag.codePointAt(0)! - 0xe0000))
    .join('');
}

/**
 * Whether a text holds characters that people do not see and models read.
 *
 * @public
 */
export function holdsUnseen(text: string): boolean {
  const plain = text.replace(EMOJI, '');
  return [INVISIBLE, TAG_CHARACTERS].some(unseen => plain.search(unseen) >= 0);
}

/**
 * A text as a reader takes it: one form of each letter, in lower case, without what
 * cannot be seen and without accents. Latin letters stand for their likenesses only
 * in words that hold Latin letters, so that Greek and Russian stay what they are.
 *
 * @public
 */
export function fold(text: string): string {
  if (/^\p{ASCII}*$/u.test(text)) {
    return text.toLowerCase();
  }
  return text
    .normalize('NFKC')
    .replace(INVISIBLE, '')
    .replace(TAG_CHARACTERS, '')
    .toLowerCase()
    .normalize('NFD')
    .replace(MARKS, '')
    .normalize('NFC')
    .replace(/ß/g, 'ss')
    .replace(/[\p{L}\p{N}]+/gu, word =>
      /[a-z]/.test(word) ||
      !/[^\p{Script=Cyrillic}\p{Script=Greek}]/u.test(word)
        ? unmask(word)
        : word,
    );
}

/** A word of one script is only taken for Latin when each of its letters could be. */
function unmask(word: string): string {
  const latin = word.replace(LOOKALIKE, letter => LATIN.get(letter)!);
  return /[a-z]/.test(word) || (word.length < 4 && /^[a-z]+$/.test(latin))
    ? latin
    : word;
}

const LEET: Record<string, string> = {
  '0': 'o',
  '1': 'i',
  '!': 'i',
  '|': 'i',
  '2': 'z',
  '3': 'e',
  '4': 'a',
  '@': 'a',
  '5': 's',
  $: 's',
  '6': 'g',
  '7': 't',
  '+': 't',
  '8': 'b',
  '9': 'g',
  // Written alike, with a 1: one letter for both.
  l: 'i',
};

/** Only the letters of a folded text, figures read as the letters they look like. */
export function squeeze(folded: string): string {
  return folded
    .replace(/[0-9!|@$+l]/g, sign => LEET[sign])
    .replace(/[^\p{L}]+/gu, '');
}

const MIXED = /^[a-z]+[0-9@$!|]|^[0-9@$|]+[a-z]/;

/**
 * What of a folded text hides its words, squeezed: all of it when its letters stand
 * apart or are written as figures, else the words that are too long to be one.
 */
export function hiddenWords(
  folded: string,
): { letters: string; all: boolean } | undefined {
  const tokens = folded.split(/\s+/, 400);
  const long: string[] = [];
  let single = 0;
  let mixed = 0;
  let words = 0;
  for (const token of tokens) {
    if (token.length === 1) {
      single += 1;
    } else if (token.length > 24 && !/^[0-9a-f-]+$|[/=]/.test(token)) {
      long.push(token);
    } else if (MIXED.test(token)) {
      mixed += 1;
    } else if (/[a-z]/.test(token)) {
      words += 1;
    }
  }
  if (
    (single >= 6 && single > tokens.length * 0.5) ||
    (mixed >= 3 && mixed > words)
  ) {
    return { letters: squeeze(folded), all: true };
  }
  return long.length
    ? { letters: squeeze(long.join('')), all: long.length * 2 > tokens.length }
    : undefined;
}
