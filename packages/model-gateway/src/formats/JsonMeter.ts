/**
 * How much structure a JSON text may have.
 *
 * @public
 */
export interface JsonLimits {
  /** Objects and arrays inside of each other. */
  depth: number;
  /** Objects, arrays and members of objects. */
  members: number;
  /** Commas, and so elements of arrays. */
  elements: number;
}

/**
 * Looks at a JSON text before it is parsed, as it comes in. What is large by its
 * structure and not by its size takes long to parse and to check, and longer than
 * looking at each byte once. An event stream whose events are JSON is looked at as
 * if it were one text.
 *
 * @public
 */
export class JsonMeter {
  readonly #limits: JsonLimits;
  #depth = 0;
  #members = 0;
  #elements = 0;
  #inString = false;
  #escaped = false;

  constructor(limits: JsonLimits) {
    this.#limits = limits;
  }

  /**
   * Takes the next bytes.
   *
   * @returns what there is too much of by now: nesting, or parts
   */
  read(bytes: Uint8Array): 'depth' | 'parts' | undefined {
    const most = this.#limits;
    let depth = this.#depth;
    let members = this.#members;
    let elements = this.#elements;
    let inString = this.#inString;
    let escaped = this.#escaped;
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (byte === 0x0a) {
        // No string of JSON has one, so that nothing hides behind an open quote.
        inString = false;
        escaped = false;
      } else if (inString) {
        if (escaped) {
          escaped = false;
        } else if (byte === 0x5c) {
          escaped = true;
        } else if (byte === 0x22) {
          inString = false;
        } else {
          at = lastPlain(bytes, at);
        }
      } else if (byte === 0x22) {
        inString = true;
      } else if (byte === 0x5b || byte === 0x7b) {
        depth += 1;
        members += 1;
        if (depth > most.depth) {
          return 'depth';
        }
      } else if (byte === 0x5d || byte === 0x7d) {
        depth -= 1;
      } else if (byte === 0x3a) {
        members += 1;
      } else if (byte === 0x2c) {
        elements += 1;
      }
      if (members > most.members || elements > most.elements) {
        return 'parts';
      }
    }
    this.#depth = depth;
    this.#members = members;
    this.#elements = elements;
    this.#inString = inString;
    this.#escaped = escaped;
    return undefined;
  }
}

/** Pictures and files are texts of millions of bytes that mean nothing here. */
function lastPlain(bytes: Uint8Array, from: number): number {
  let at = from + 1;
  for (; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === 0x22 || byte === 0x5c || byte === 0x0a) {
      break;
    }
  }
  return at - 1;
}
