import { findSensitive, type Findings } from './findSensitive';
import type { SensitivePart } from './personalData';
import { mayHoldSecret } from './secrets';

/** What was let go and still says what the rest is, such as the name before a value. */
const CONTEXT = 128;
/** Personal data may have spaces; an IBAN in groups of four has 42 characters. */
const HELD_BACK = 64;
/** Looking for it is dear, so it is done for so many characters at once. */
const AT_ONCE = 64;
/** A word that is longer is let go in pieces, unless it is found to be something. */
const MAX_WORD = 512;
/** What is longer is masked before its end has come. */
const MAX_HELD = 8_192;
const KEY_BEGIN = '-----BEGIN ';
const KEY_END = /-----END [A-Z ]{0,40}-----/;
const KEY_BEGINS = /-----BEGIN [A-Z ]{0,20}PRIVATE KEY/g;

/**
 * Masks a text that comes in pieces. Held back is the word that has not ended, because
 * what is found has no spaces; 64 characters where personal data is looked for; a private
 * key until it ends. Nothing that was let go is taken back, and what is held when a stream
 * breaks is not let go at all.
 *
 * @public
 */
export class MaskedStream {
  readonly #findings: Findings;
  readonly #replace: (part: SensitivePart, value: string) => string;
  readonly #json: boolean;
  /** Characters that have left, in what came in. */
  #gone = 0;
  #context = '';
  #held = '';
  /** What goes on beyond the most that is held; the rest of it is left out. */
  #swallows?: 'key' | 'word';
  /** What is held must be longer before it is worth another look. */
  #lookAt = 0;
  #inString = false;
  #escaped = false;

  constructor(options: {
    findings: Findings;
    /** What stands in the place of a part, whose places are those in the whole text. */
    replace: (part: SensitivePart, value: string) => string;
    /**
     * The text is JSON and stays it: only what stands in strings is masked, and `replace`
     * gets the value that the string has.
     */
    json?: boolean;
  }) {
    this.#findings = options.findings;
    this.#replace = options.replace;
    this.#json = options.json ?? false;
  }

  /** Takes a piece and gives what can be let go. */
  async push(piece: string): Promise<string> {
    this.#held += piece;
    this.#swallow();
    const { length } = this.#held;
    if (
      length < this.#lookAt &&
      length > 0 &&
      isOfWord(this.#held, length - 1)
    ) {
      return '';
    }
    const end = this.#end();
    const { personalData } = this.#findings;
    if (personalData && end < AT_ONCE && this.#held.length < MAX_HELD) {
      return '';
    }
    if (end > 0 && !personalData && this.#isPlain()) {
      const free = this.#held.slice(0, end);
      this.#held = this.#held.slice(end);
      this.#gone += end;
      this.#context = (this.#context + free).slice(-CONTEXT);
      return this.#pass(free);
    }
    return end > 0 || this.#held.length >= MAX_HELD
      ? this.#release(Math.max(end, 0), false)
      : '';
  }

  /** Gives what was held back. */
  async end(): Promise<string> {
    return this.#held ? this.#release(this.#held.length, true) : '';
  }

  /** Whether it is not worth to look, as with nearly all words. */
  #isPlain(): boolean {
    return !(
      this.#held.includes('//') ||
      this.#held.includes('-----') ||
      this.#context.includes('_auth') ||
      mayHoldSecret(this.#held)
    );
  }

  #swallow(): void {
    if (this.#swallows === 'key') {
      const end = KEY_END.exec(this.#held);
      // The mark of the end may itself be cut in two.
      this.#held = end
        ? this.#held.slice(end.index + end[0].length)
        : this.#held.slice(-80);
      if (!end) return;
    } else if (this.#swallows === 'word') {
      const rest = this.#held.search(/[^\x21-\x7e]|"/);
      this.#held = rest < 0 ? '' : this.#held.slice(rest);
      if (rest < 0) return;
    }
    this.#swallows = undefined;
  }

  /** Up to where what is held is of words that have ended. */
  #end(): number {
    const { length } = this.#held;
    if (this.#swallows === 'key') return 0;
    let end = this.#findings.personalData ? length - HELD_BACK : length;
    const least = end - MAX_WORD;
    while (end > 0 && end > least && isOfWord(this.#held, end - 1)) end -= 1;
    if (end === least) end = length - MAX_WORD / 2;
    const begun = this.#held.lastIndexOf(KEY_BEGIN);
    return begun < 0 || KEY_END.test(this.#held.slice(begun))
      ? end
      : Math.min(end, begun);
  }

  async #release(upTo: number, last: boolean): Promise<string> {
    const begin = this.#context.length;
    const text = this.#context + this.#held;
    let end = begin + upTo;
    const parts = (await this.#parts(text)).filter(part => part.end > begin);
    const across = parts.find(part => part.start < end && part.end > end);
    if (across) {
      if (this.#held.length < MAX_HELD) {
        end = Math.max(begin, across.start);
        this.#lookAt = text.length - end + MAX_WORD / 2;
      } else {
        end = text.length;
        this.#swallows = 'word';
      }
    }
    const open = openKeyOf(text);
    if (open !== undefined && (last || this.#held.length >= MAX_HELD)) {
      parts.splice(0, parts.length, ...parts.filter(part => part.end <= open));
      parts.push({
        kind: 'secret',
        start: Math.max(open, begin),
        end: text.length,
      });
      end = text.length;
      this.#swallows = last ? undefined : 'key';
    }
    let free = '';
    let at = begin;
    for (const part of parts) {
      if (part.start >= end) break;
      const start = Math.max(part.start, at);
      free += this.#pass(text.slice(at, start));
      free += this.#masked(
        { kind: part.kind, ...this.#placesOf(start, part.end, begin) },
        text.slice(start, part.end),
      );
      at = part.end;
    }
    free += this.#pass(text.slice(at, Math.max(at, end)));
    end = Math.max(at, end);
    this.#gone += end - begin;
    this.#context = text.slice(Math.max(0, end - CONTEXT), end);
    this.#held = text.slice(end);
    return free;
  }

  #placesOf(start: number, end: number, begin: number) {
    const shift = this.#gone - begin;
    return { start: start + shift, end: end + shift };
  }

  #masked(part: SensitivePart, value: string): string {
    if (!this.#json) return this.#replace(part, value);
    if (!this.#inString) return this.#pass(value);
    let said = value;
    try {
      said = JSON.parse(`"${value}"`) as string;
    } catch {
      // A part that begins or ends in an escape is kept as it is written.
    }
    return JSON.stringify(this.#replace(part, said)).slice(1, -1);
  }

  /** Keeps in mind whether what follows is in a string. */
  #pass(text: string): string {
    if (this.#json) {
      for (const character of text) {
        if (this.#escaped) this.#escaped = false;
        else if (character === '\\') this.#escaped = this.#inString;
        else if (character === '"') this.#inString = !this.#inString;
      }
    }
    return text;
  }

  async #parts(text: string): Promise<SensitivePart[]> {
    const { links, personalData, secrets } = this.#findings;
    return findSensitive(
      // An escape is no letter of the word that follows it.
      this.#json
        ? text.replace(/\\(?:u[0-9a-f]{4}|.)/gi, escape =>
            ' '.repeat(escape.length),
          )
        : text,
      {
        links,
        personalData,
        // What was let go has been looked at.
        secrets:
          secrets &&
          (mayHoldSecret(this.#held) || this.#context.includes('_auth')),
      },
    );
  }
}

/** Visible ASCII; what is found has nothing else but spaces. */
function isOfWord(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code > 32 && code < 127;
}

/** Where a private key begins that has not ended. */
function openKeyOf(text: string): number | undefined {
  const begun = [...text.matchAll(KEY_BEGINS)].at(-1)?.index;
  return begun !== undefined && !KEY_END.test(text.slice(begun))
    ? begun
    : undefined;
}
