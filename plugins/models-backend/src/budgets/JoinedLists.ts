/** Of so many combinations the lists are remembered. */
const MAX_JOINED = 50_000;

/**
 * Joins lists in the order of their ids and remembers what two lists came to, so
 * that whoever joins the same ones gets the same list.
 */
export class JoinedLists<T extends { id: string }> {
  readonly #known = new Map<readonly T[], Map<readonly T[], readonly T[]>>();
  #size = 0;

  of(first: readonly T[], second: readonly T[]): readonly T[] {
    const found = this.#known.get(first)?.get(second);
    return found ?? this.#join(first, second);
  }

  #join(first: readonly T[], second: readonly T[]): readonly T[] {
    if (this.#size >= MAX_JOINED) {
      this.#known.clear();
      this.#size = 0;
    }
    this.#size += 1;
    const joined = [...first, ...second].sort(byId);
    const bySecond = this.#known.get(first) ?? new Map();
    this.#known.set(first, bySecond.set(second, joined));
    return joined;
  }
}

export function byId(a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : 1;
}
