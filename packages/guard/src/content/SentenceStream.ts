const SENTENCE_END = /[.!?…](?=\s)|[。！？\n]/g;
/** A longer sentence is judged in parts. */
const MAX = 600;

/**
 * What becomes of a sentence: it is let go, something else stands in its place, or
 * nothing follows any more.
 *
 * @public
 */
export interface SentenceVerdict {
  replacement: string;
  /** Whether all that follows is withheld. */
  ends?: boolean;
}

/**
 * Judges a text sentence by sentence while it comes in pieces. The sentence that has not
 * ended is held back, so that nothing is let go that was not judged.
 *
 * @public
 */
export class SentenceStream {
  readonly #judge: (
    sentence: string,
    place: { before: string; offset: number },
  ) => SentenceVerdict | undefined;
  #held = '';
  #before = '';
  #offset = 0;
  #isOver = false;

  constructor(
    judge: (
      sentence: string,
      place: { before: string; offset: number },
    ) => SentenceVerdict | undefined,
  ) {
    this.#judge = judge;
  }

  /** Takes a piece and gives what can be let go. */
  push(piece: string): string {
    if (this.#isOver) return '';
    this.#held += piece;
    let free = '';
    let begin = 0;
    const take = (end: number) => {
      free += this.#judged(this.#held.slice(begin, end));
      begin = end;
    };
    for (const { index } of this.#held.matchAll(SENTENCE_END)) {
      while (index + 1 - begin > MAX) take(begin + MAX);
      take(index + 1);
    }
    while (this.#held.length - begin > MAX) take(begin + MAX);
    this.#held = this.#held.slice(begin);
    return free;
  }

  /** Gives what was held back. */
  end(): string {
    const rest = this.#held;
    this.#held = '';
    return rest ? this.#judged(rest) : '';
  }

  #judged(sentence: string): string {
    if (this.#isOver) return '';
    if (!sentence.trim()) {
      this.#offset += sentence.length;
      return sentence;
    }
    const verdict = this.#judge(sentence, {
      before: this.#before,
      offset: this.#offset,
    });
    this.#offset += sentence.length;
    this.#before = sentence;
    this.#isOver = verdict?.ends ?? false;
    return verdict?.replacement ?? sentence;
  }
}
