/** How many of the last values are looked at. */
const SIZE = 128;
/** So many new values may come before the order is worked out again. */
const STALE_AFTER = 8;
/** Weight of the newest value in the mean. */
const ALPHA = 0.2;

/** The last latencies of a model: their moving mean and percentiles, in ms. */
export class LatencyWindow {
  readonly #values = new Float64Array(SIZE);
  #count = 0;
  #mean?: number;
  #sorted?: { at: number; values: Float64Array };

  add(ms: number): void {
    this.#values[this.#count % SIZE] = ms;
    this.#count += 1;
    this.#mean =
      this.#mean === undefined ? ms : this.#mean + ALPHA * (ms - this.#mean);
  }

  get count(): number {
    return this.#count;
  }

  /** Exponentially weighted; `undefined` before the first value. */
  get mean(): number | undefined {
    return this.#mean;
  }

  /** @param percent - from 0 to 100 */
  percentile(percent: number): number | undefined {
    if (this.#count === 0) {
      return undefined;
    }
    const known = this.#sorted;
    const few = this.#count < SIZE && known?.at !== this.#count;
    if (!known || few || this.#count - known.at >= STALE_AFTER) {
      const values = this.#values.slice(0, Math.min(this.#count, SIZE)).sort();
      this.#sorted = { at: this.#count, values };
    }
    const { values } = this.#sorted!;
    const rank = Math.ceil((percent / 100) * values.length) - 1;
    return values[Math.min(Math.max(rank, 0), values.length - 1)];
  }
}
