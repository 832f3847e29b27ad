/** How far a quantile may be from the true one, as a share of it. */
export const ACCURACY = 0.025;

const GAMMA = (1 + ACCURACY) / (1 - ACCURACY);
const LOG_GAMMA = Math.log(GAMMA);

/**
 * Counts of durations in classes that grow with them, from which any quantile can be read
 * within {@link ACCURACY}. Sketches of parts add up to that of the whole, so that those of
 * minutes tell about a month.
 *
 * Source: Masson, Rim, Lee: DDSketch, VLDB 2019.
 */
export class DurationSketch {
  readonly #counts = new Map<number, number>();
  #total = 0;

  get count(): number {
    return this.#total;
  }

  /** @param durationUs - microseconds; 0 counts as one */
  add(durationUs: number): void {
    this.#count(classOf(durationUs), 1);
  }

  merge(other: DurationSketch): void {
    for (const [index, count] of other.#counts) {
      this.#count(index, count);
    }
  }

  /** In microseconds; undefined when nothing was counted. */
  quantile(q: number): number | undefined {
    let rank = q * (this.#total - 1);
    for (const [index, count] of this.#sorted()) {
      rank -= count;
      if (rank < 0) {
        return (2 * GAMMA ** index) / (GAMMA + 1);
      }
    }
    return undefined;
  }

  /** How many took longer, those of the same class not counted. In microseconds. */
  countAbove(durationUs: number): number {
    const limit = classOf(durationUs);
    let count = 0;
    for (const [index, of] of this.#counts) {
      count += index > limit ? of : 0;
    }
    return count;
  }

  /** Pairs of a step to the next class and its count, as variable-length numbers. */
  encode(): Buffer {
    const bytes: number[] = [];
    let last = 0;
    for (const [index, count] of this.#sorted()) {
      writeNumber(bytes, index - last);
      writeNumber(bytes, count);
      last = index;
    }
    return Buffer.from(bytes);
  }

  static decode(bytes: Uint8Array): DurationSketch {
    const sketch = new DurationSketch();
    const at = { position: 0 };
    let index = 0;
    while (at.position < bytes.length) {
      index += readNumber(bytes, at);
      sketch.#count(index, readNumber(bytes, at));
    }
    return sketch;
  }

  #sorted(): Array<[number, number]> {
    return [...this.#counts].sort(([a], [b]) => a - b);
  }

  #count(index: number, count: number): void {
    this.#counts.set(index, (this.#counts.get(index) ?? 0) + count);
    this.#total += count;
  }
}

function classOf(durationUs: number): number {
  return Math.ceil(Math.log(Math.max(1, durationUs)) / LOG_GAMMA);
}

function writeNumber(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

function readNumber(bytes: Uint8Array, at: { position: number }): number {
  let value = 0;
  let weight = 1;
  for (;;) {
    const byte = bytes[at.position];
    at.position += 1;
    value += (byte % 128) * weight;
    if (!(byte >= 128)) {
      return value;
    }
    weight *= 128;
  }
}
