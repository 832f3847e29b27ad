import { findPersonalData, type SensitivePart } from './personalData';
import { findSecrets } from './secrets';

/** Longer than what is found by its form; more is kept only inside of a private key. */
const HELD_BACK = 256;
const MAX_KEY = 8_192;
const KEY_BEGIN = /-----BEGIN [A-Z ]{0,20}PRIVATE KEY/g;

/**
 * Masks a text that comes in pieces. What may be the beginning of a part is held back,
 * at most 256 characters, or 8,192 of a private key; nothing that was let go is taken back.
 *
 * @public
 */
export class MaskedStream {
  readonly #mask: (text: string, parts: SensitivePart[]) => string;
  readonly #secrets: boolean;
  #held = '';

  constructor(options: {
    /** Puts something in the place of parts, such as `Tokens.mask`. */
    mask: (text: string, parts: SensitivePart[]) => string;
    /** Whether secrets are looked for as well. */
    secrets?: boolean;
  }) {
    this.#mask = options.mask;
    this.#secrets = options.secrets ?? true;
  }

  /** Takes a piece and gives what can be let go. */
  async push(piece: string): Promise<string> {
    this.#held += piece;
    if (this.#held.length <= HELD_BACK) {
      return '';
    }
    const parts = await this.#parts();
    let end = this.#held.length - HELD_BACK;
    const begun = [...this.#held.matchAll(KEY_BEGIN)].at(-1)?.index;
    if (
      begun !== undefined &&
      this.#held.length - begun < MAX_KEY &&
      !this.#held.includes('-----END', begun)
    ) {
      end = Math.min(end, begun);
    }
    // A word that is cut in two would be found in neither half.
    while (
      end > 0 &&
      /\S/.test(this.#held[end - 1]) &&
      /\S/.test(this.#held[end]) &&
      this.#held.length - end < 2 * HELD_BACK
    ) {
      end -= 1;
    }
    const across = parts.find(part => part.start < end && part.end > end);
    end = across ? across.start : end;
    const free = this.#mask(
      this.#held.slice(0, end),
      parts.filter(part => part.end <= end),
    );
    this.#held = this.#held.slice(end);
    return free;
  }

  /** Gives what was held back. */
  async end(): Promise<string> {
    const rest = this.#mask(this.#held, await this.#parts());
    this.#held = '';
    return rest;
  }

  async #parts(): Promise<SensitivePart[]> {
    return findSensitive(this.#held, { secrets: this.#secrets });
  }
}

/**
 * Secrets and personal data of a text in their order; where both are found, the secret.
 *
 * @public
 */
export async function findSensitive(
  text: string,
  options: { personalData?: boolean; secrets?: boolean } = {},
): Promise<SensitivePart[]> {
  const { personalData = true, secrets = true } = options;
  const found = secrets ? await findSecrets(text) : [];
  const personal = personalData ? findPersonalData(text) : [];
  return [
    ...found,
    ...personal.filter(
      part =>
        !found.some(each => each.start < part.end && part.start < each.end),
    ),
  ].sort((a, b) => a.start - b.start);
}
