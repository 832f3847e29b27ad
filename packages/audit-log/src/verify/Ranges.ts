/** A set of whole numbers that lie together, as rising ranges up to but not including. */
export class Ranges {
  readonly #ranges: Array<[number, number]> = [];

  get list(): ReadonlyArray<readonly [number, number]> {
    return this.#ranges;
  }

  /** Adds a range behind all that there are. */
  add(from: number, to: number): void {
    const last = this.#ranges.at(-1);
    if (from >= to) {
      return;
    }
    if (last && last[1] === from) {
      last[1] = to;
    } else {
      this.#ranges.push([from, to]);
    }
  }

  has(value: number): boolean {
    const range = this.#ranges[this.#firstBehind(value)];
    return range !== undefined && range[0] <= value;
  }

  delete(from: number, to: number): void {
    const ranges = this.#ranges;
    const first = this.#firstBehind(from);
    let end = first;
    while (end < ranges.length && ranges[end][0] < to) {
      end += 1;
    }
    if (from >= to || first === end) {
      return;
    }
    const left: Array<[number, number]> = [];
    if (ranges[first][0] < from) left.push([ranges[first][0], from]);
    if (to < ranges[end - 1][1]) left.push([to, ranges[end - 1][1]]);
    ranges.splice(first, end - first, ...left);
  }

  /** What is left without others, which may come in any order. */
  without(others: ReadonlyArray<readonly [number, number]>): Ranges {
    const left = new Ranges();
    const rising = others.filter(([a, b]) => a < b).sort(([a], [b]) => a - b);
    let next = 0;
    for (const [begin, end] of this.#ranges) {
      let from = begin;
      for (; next < rising.length && rising[next][0] < end; next += 1) {
        const [a, b] = rising[next];
        left.add(from, Math.min(a, end));
        from = Math.max(from, b);
        if (b > end) break;
      }
      left.add(from, end);
    }
    return left;
  }

  /** Where the first range is that ends behind a number. A log may have very many, so halving finds it. */
  #firstBehind(value: number): number {
    let [low, high] = [0, this.#ranges.length];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.#ranges[middle][1] <= value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
