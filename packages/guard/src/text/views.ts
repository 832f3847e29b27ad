import { fold, hiddenInTags } from './fold';

/**
 * How a text was read.
 *
 * @public
 */
export type ViewKind =
  | 'plain'
  | 'base64'
  | 'hex'
  | 'escaped'
  | 'rot13'
  | 'reversed'
  | 'tags';

/** A way to read a text. */
export interface View {
  kind: ViewKind;
  /** In the form of `fold`. */
  text: string;
}

/** Decoded parts of one text at most; the rest is looked at as it stands. */
const MAX_DECODED = 8;
const COMMON = new Set(
  (
    'the and you your all are not for this that with from what have will to of in is it me my ' +
    'der die das und ist nicht mit alle deine von zu den el la los las de que y en tus todas un ' +
    'le les des et est pas une pour tous du'
  ).split(' '),
);

/** Every way to read a text that is worth a look; the plain one comes first. */
export function viewsOf(text: string): View[] {
  const views: View[] = [];
  const add = (kind: ViewKind, decoded: string) => {
    views.push({ kind, text: fold(decoded) });
  };
  add('plain', text);
  const tags = hiddenInTags(text);
  if (tags.length > 3) {
    add('tags', tags);
  }
  if (/%[0-9a-f]{2}|&#|&[a-z]{2,4};|\\[ux]/i.test(text)) {
    const unescaped = unescape(text);
    if (unescaped !== text) {
      add('escaped', unescaped);
    }
  }
  for (const [kind, decoded] of decodedParts(text)) {
    add(kind, decoded);
  }
  const { text: plain } = views[0];
  const known = commonWords(plain);
  const turned = rot13(plain);
  if (isBetter(commonWords(turned), known)) {
    add('rot13', turned);
  }
  const reversed = [...plain].reverse().join('');
  if (isBetter(commonWords(reversed), known)) {
    add('reversed', reversed);
  }
  return views;
}

function isBetter(count: number, known: number): boolean {
  return count > 2 * known && (count > 1 || known === 0);
}

function commonWords(folded: string): number {
  let count = 0;
  for (const [word] of folded.matchAll(/[a-z]{3,}/g)) {
    if (COMMON.has(word)) count += 1;
  }
  return count;
}

function rot13(text: string): string {
  return text.replace(/[a-z]/g, letter =>
    String.fromCharCode(((letter.charCodeAt(0) - 84) % 26) + 97),
  );
}

function* decodedParts(text: string): Iterable<['base64' | 'hex', string]> {
  let count = 0;
  for (const [part] of text.matchAll(/[A-Za-z0-9+/_-]{16,}={0,2}/g)) {
    if (count === MAX_DECODED) return;
    const isHex = part.length % 2 === 0 && /^[0-9a-f]+$/i.test(part);
    const decoded = Buffer.from(part, isHex ? 'hex' : 'base64').toString();
    // Bytes that are no text are an identifier or a picture.
    if (isWords(decoded)) {
      count += 1;
      yield [isHex ? 'hex' : 'base64', decoded];
    }
  }
  const spacedHex = text.match(/(?:\b(?:0x|\\x)?[0-9a-f]{2}[\s,]+){8,}/i)?.[0];
  if (spacedHex) {
    const decoded = Buffer.from(
      spacedHex.replace(/0x|\\x|[\s,]/gi, ''),
      'hex',
    ).toString();
    if (isWords(decoded)) yield ['hex', decoded];
  }
}

function isWords(decoded: string): boolean {
  return (
    !/(?![\t-\r])\p{Cc}|\ufffd/u.test(decoded) &&
    (/\p{L}{2,}[\s\p{P}]/u.test(decoded) || /\p{Script=Han}{4}/u.test(decoded))
  );
}

const ENTITIES: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

/** Percent escapes, HTML entities and JavaScript escapes as the characters they mean. */
function unescape(text: string): string {
  const code = (digits: string, radix: number) => {
    const point = Number.parseInt(digits, radix);
    return point <= 0x10ffff ? String.fromCodePoint(point) : ' ';
  };
  return text
    .replace(/(?:%[0-9a-f]{2})+/gi, run =>
      Buffer.from(run.replace(/%/g, ''), 'hex').toString(),
    )
    .replace(/&#x([0-9a-f]{1,6});/gi, (_, digits) => code(digits, 16))
    .replace(/&#([0-9]{1,7});/g, (_, digits) => code(digits, 10))
    .replace(/&([a-z]{2,4});/gi, (all, name) => ENTITIES[name] ?? all)
    .replace(/\\u([0-9a-f]{4})|\\x([0-9a-f]{2})/gi, (_, long, short) =>
      code(long ?? short, 16),
    );
}
