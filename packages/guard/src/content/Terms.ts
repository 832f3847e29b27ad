/** Longest phrase, in words. */
const MAX_PARTS = 6;
/** Beginnings are found by their first letters. */
const KEY = 3;
const WORD = /[\p{L}\p{N}]+/gu;
const HAN = /\p{Script=Han}/u;

/**
 * Words and phrases that are looked for in a text. A word with * is the beginning of
 * others; of a phrase, the words stand side by side. Both are folded.
 */
export class Terms {
  readonly #words = new Map<string, Term[]>();
  readonly #beginnings = new Map<string, Term[]>();
  /** In Chinese nothing stands between words. */
  readonly #han: Array<{ term: string; text: string }> = [];

  /** @param terms - in the form of `fold` */
  constructor(terms: readonly string[]) {
    for (const written of new Set(terms)) {
      const parts = written.match(/[\p{L}\p{N}]+\*?/gu) ?? [];
      const [first] = parts;
      if (!first) continue;
      const term = { name: written, parts: parts.slice(0, MAX_PARTS) };
      if (HAN.test(written)) {
        this.#han.push({ term: written, text: written.replace('*', '') });
        continue;
      }
      const stem = first.replace('*', '');
      const [map, key] =
        first === stem
          ? [this.#words, stem]
          : [this.#beginnings, stem.slice(0, KEY)];
      map.set(key, [...(map.get(key) ?? []), term]);
    }
  }

  /**
   * Which terms a text has.
   *
   * @param folded - in the form of `fold`
   */
  in(folded: string): Set<string> {
    const found = new Set<string>();
    const words = folded.match(WORD) ?? [];
    for (const [at, word] of words.entries()) {
      const look = ({ name, parts }: Term) => {
        if (parts.every((part, i) => fits(words[at + i], part))) {
          found.add(name);
        }
      };
      this.#words.get(word)?.forEach(look);
      for (let length = 1; length <= KEY && length <= word.length; length++) {
        this.#beginnings.get(word.slice(0, length))?.forEach(look);
      }
    }
    if (HAN.test(folded)) {
      for (const { term, text } of this.#han) {
        if (folded.includes(text)) found.add(term);
      }
    }
    return found;
  }
}

interface Term {
  name: string;
  parts: string[];
}

function fits(word: string | undefined, part: string): boolean {
  return part.endsWith('*')
    ? word?.startsWith(part.slice(0, -1)) ?? false
    : word === part;
}
