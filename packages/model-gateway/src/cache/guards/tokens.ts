import { fold } from '../lexicon/Lexicon';

/** A piece of a question. */
export interface Token {
  kind: 'word' | 'number' | 'identifier' | 'symbol';
  /** As it was written. */
  text: string;
  folded: string;
  /** It stands where a sentence begins. */
  first: boolean;
}

/**
 * Addresses, codes and quotations first, because they hold what looks like words
 * and numbers; then numbers, then words, then signs of currency and the like.
 */
const TOKEN = new RegExp(
  [
    String.raw`(?<identifier>"[^"]+"|“[^”]+”|„[^“”]+[“”]|«[^»]+»|\x60[^\x60]+\x60|https?:\/\/\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|--?[a-z][\w-]+(?<=\s--?[a-z][\w-]+)|(?=[\p{L}\p{N}._\/#-]*\p{L})(?=[\p{L}\p{N}._\/#-]*\p{N})[\p{L}\p{N}#](?:[\p{L}\p{N}._\/#-]*[\p{L}\p{N}])?|[\p{L}\p{N}]+(?:[._\/][\p{L}\p{N}]+)+(?<=[\p{L}].*)|\p{N}+(?:[-\/:]\p{N}+)+)`,
    String.raw`(?<number>\p{N}+(?:[.,'\u00a0\u202f]\p{N}+)*)`,
    String.raw`(?<word>\p{L}[\p{L}\p{M}]*(?:['’-]\p{L}[\p{L}\p{M}]*)*)`,
    String.raw`(?<symbol>[\p{Sc}\p{Sm}%°#&@*\/^|\\~_-])`,
    String.raw`(?<stop>[.!?:;\n¿¡])`,
  ].join('|'),
  'gu',
);

export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let first = true;
  for (const { 0: found, groups } of text.matchAll(TOKEN)) {
    if (groups!.stop) {
      first = true;
    } else {
      const [kind] = Object.entries(groups!).find(
        ([, value]) => value !== undefined,
      )! as [Token['kind'], string];
      tokens.push({ kind, text: found, folded: fold(found), first });
      first = false;
    }
  }
  return tokens;
}
