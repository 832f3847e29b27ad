import { squeeze } from './fold';

const LONGEST = 16;
/** What a letter costs that belongs to no word. */
const STRAY = 14;

/** Finds the words in a run of letters without spaces. */
export class Segmenter {
  /** What words cost, the rarer the more, by their letters as `squeeze` leaves them. */
  readonly #words = new Map<string, { word: string; cost: number }>();

  /** @param words - the commonest first */
  constructor(words: string[]) {
    const scale = Math.log(words.length);
    for (const [rank, word] of words.entries()) {
      const letters = squeeze(word);
      if (!this.#words.has(letters)) {
        // Zipf's law: the frequency of a word is inverse to its rank.
        this.#words.set(letters, { word, cost: Math.log((rank + 1) * scale) });
      }
    }
  }

  /** The likeliest words of a run of letters, with spaces between them. */
  segment(letters: string): string {
    const costs = [0];
    const begins = [0];
    for (let end = 1; end <= letters.length; end++) {
      let cost = costs[end - 1] + STRAY;
      let begin = end - 1;
      for (let start = Math.max(0, end - LONGEST); start < end; start++) {
        const known = this.#words.get(letters.slice(start, end));
        if (known && costs[start] + known.cost < cost) {
          cost = costs[start] + known.cost;
          begin = start;
        }
      }
      costs[end] = cost;
      begins[end] = begin;
    }
    const words: string[] = [];
    for (let end = letters.length; end > 0; end = begins[end]) {
      const part = letters.slice(begins[end], end);
      words.push(this.#words.get(part)?.word ?? part);
    }
    return words.reverse().join(' ');
  }
}
