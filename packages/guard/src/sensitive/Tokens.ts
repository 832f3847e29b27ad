import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
} from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { SensitivePart } from './personalData';
import { replaceParts } from './replaceParts';

const ALGORITHM = 'aes-256-gcm';
const TAG_BYTES = 16;
const IV_BYTES = 12;
const TOKEN = /\[\[([a-z-]{4,16})\.([A-Za-z0-9_-]{38,11000})\]\]/g;
/**
 * Of secrets that an agent was told, and not a tool; every tool may get them back.
 *
 * @public
 */
export const TOLD_SECRET = 'told-secret';
/** Also one that was cut off with its text. */
const TOLD_TOKEN = new RegExp(
  `\\[\\[${TOLD_SECRET}\\.[A-Za-z0-9_-]{0,11000}(?:\\]\\]|\\]?$)`,
  'g',
);
/** What is longer is no token of ours. */
const MAX_VALUE = 8_000;

/**
 * Puts tokens in the place of values and values in the place of tokens. A token holds its
 * value encrypted for one scope, such as a run, so that nothing is stored, each replica can
 * give the value back, and the token of one run means nothing in another. The same value
 * has the same token, so that a model can tell that two are the same.
 *
 * @public
 */
export class Tokens {
  readonly #secret: Buffer;
  readonly #scopeOf: (kind: string) => string;
  readonly #keys = new Map<string, { key: Buffer; macKey: Buffer }>();

  /**
   * @param secret - at least 32 bytes that no model sees
   * @param scope - in which the tokens of a kind are valid, such as the id of a run
   */
  constructor(secret: Buffer, scope: string | ((kind: string) => string)) {
    if (secret.length < 32) {
      throw new Error('The secret of tokens needs at least 32 bytes.');
    }
    this.#secret = secret;
    this.#scopeOf = typeof scope === 'string' ? () => scope : scope;
  }

  #keysOf(kind: string) {
    const scope = this.#scopeOf(kind);
    let keys = this.#keys.get(scope);
    if (!keys) {
      const derived = Buffer.from(
        hkdfSync('sha256', this.#secret, scope, 'agentportal guard tokens', 64),
      );
      keys = { key: derived.subarray(0, 32), macKey: derived.subarray(32) };
      this.#keys.set(scope, keys);
    }
    return keys;
  }

  /** A text with a token for each part; secrets longer than 8,000 characters lose their end. */
  mask(text: string, parts: SensitivePart[]): string {
    return replaceParts(text, parts, ({ kind }, value) =>
      this.tokenOf(kind, value),
    );
  }

  /** A value of JSON with the values of tokens in each of its strings; foreign ones stay. */
  unmask<T>(value: T): T {
    return mapStrings(value, text =>
      text.replace(
        TOKEN,
        (token, kind, sealed) => this.#valueOf(kind, sealed) ?? token,
      ),
    );
  }

  /**
   * A value of JSON in which people read what tokens stand for: the kind and, of what is
   * long enough not to be given away by it, the end, as in `[iban that ends in 3000]`.
   * Tokens of elsewhere stay, as a tool would get them, unless they are to be named too.
   */
  describe<T>(value: T, options: { unknown?: 'keep' | 'name' } = {}): T {
    return mapStrings(value, text =>
      text.replace(TOKEN, (token, kind, sealed) => {
        const told = this.#valueOf(kind, sealed);
        if (told !== undefined) return describePart(kind, told);
        return options.unknown === 'name' ? describePart(kind, '') : token;
      }),
    );
  }

  /** Where tokens of told secrets stand in a text, and which secrets; not those of elsewhere. */
  findTold(text: string): Array<SensitivePart & { value: string }> {
    return [...text.matchAll(TOKEN)].flatMap(
      ({ 0: token, 1: kind, 2: sealed, index }) => {
        const value =
          kind === TOLD_SECRET ? this.#valueOf(kind, sealed) : undefined;
        return value === undefined
          ? []
          : { kind: 'secret', start: index, end: index + token.length, value };
      },
    );
  }

  /** The token of a value. */
  tokenOf(kind: string, value: string): string {
    const kept = value.slice(0, MAX_VALUE);
    const { key, macKey } = this.#keysOf(kind);
    const iv = createHmac('sha256', macKey)
      .update(`${kind}\n${kept}`)
      .digest()
      .subarray(0, IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, key, iv);
    cipher.setAAD(Buffer.from(kind));
    const sealed = Buffer.concat([
      iv,
      cipher.update(kept, 'utf8'),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    return `[[${kind}.${sealed.toString('base64url')}]]`;
  }

  #valueOf(kind: string, sealed: string): string | undefined {
    const bytes = Buffer.from(sealed, 'base64url');
    const decipher = createDecipheriv(
      ALGORITHM,
      this.#keysOf(kind).key,
      bytes.subarray(0, IV_BYTES),
    );
    decipher.setAAD(Buffer.from(kind));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      return Buffer.concat([
        decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)),
        decipher.final(),
      ]).toString();
    } catch {
      return undefined;
    }
  }
}

/**
 * What people read in the place of a value: its kind, and its last four characters.
 *
 * @public
 */
export function describePart(kind: string, value: string): string {
  const name = kind === TOLD_SECRET ? 'secret' : kind;
  const compact = value.replace(/\s/g, '');
  return compact.length < 16
    ? `[${name}]`
    : `[${name} that ends in ${compact.slice(-4)}]`;
}

/**
 * A value of JSON in which people read that a secret was told, for those who have no key.
 *
 * @public
 */
export function nameToldSecrets<T>(value: T): T {
  return mapStrings(value, text =>
    text.replace(TOLD_TOKEN, describePart(TOLD_SECRET, '')),
  );
}

/**
 * What somebody wrote over a value that they read through {@link nameToldSecrets}: what they
 * left of it stands for the same secrets again, where it is clear for which. They may leave
 * fewer and not have more, because a token may have a thousand times the length of its name.
 *
 * @public
 */
export function putBackToldSecrets<T>(written: T, before: unknown): T {
  if (isDeepStrictEqual(written, nameToldSecrets(before))) {
    return before as T;
  }
  if (typeof written !== 'string' || typeof before !== 'string') {
    return written;
  }
  const tokens = before.match(TOLD_TOKEN) ?? [];
  const [first, ...rest] = written.split(describePart(TOLD_SECRET, ''));
  const isClear =
    rest.length === tokens.length ||
    (rest.length < tokens.length && new Set(tokens).size === 1);
  return isClear
    ? (rest.reduce((text, next, i) => text + tokens[i] + next, first) as T &
        string)
    : written;
}

/**
 * A value of JSON with something done to each of its strings, but not to its keys.
 *
 * @public
 */
export function mapStrings<T>(value: T, change: (text: string) => string): T {
  if (typeof value === 'string') {
    return change(value) as T;
  }
  if (Array.isArray(value)) {
    return value.map(each => mapStrings(each, change)) as T;
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [
        key,
        mapStrings(each, change),
      ]),
    ) as T;
  }
  return value;
}
