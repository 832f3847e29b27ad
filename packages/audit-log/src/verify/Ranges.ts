/** A set of whole numbers that lie together, as ranges up to but not including. */
export class Ranges {
  #ranges: Array<[number, number]> = [];

  get list(): ReadonlyArray<readonly [number, number]> {
    return this.#ranges;
  }

  add(from: number, to: number): void {
    const last = this.#ranges.at(-1);
    if (last && last[1] === from) {
      last[1] = to;
    } else if (from < to) {
      this.#ranges.push([from, to]);
    }
  }

  has(value: number): boolean {
    return this.#ranges.some(([from, to]) => from <= value && value < to);
  }

  delete(from: number, to: number): void {
    this.#ranges = this.#ranges.flatMap(([a, b]) => {
      if (to <= a || b <= from) {
        return [[a, b] as [number, number]];
      }
      const left: Array<[number, number]> = [];
      if (a < from) left.push([a, from]);
      if (to < b) left.push([to, b]);
      return left;
    });
  }
}
