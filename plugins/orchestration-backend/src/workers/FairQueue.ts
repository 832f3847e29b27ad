/**
 * A queue that is fair among its users: each in turn gives its oldest item, so
 * that a hundred runs of one person do not hold up the one of another.
 */
export class FairQueue<T extends { id: string; user: string }> {
  readonly #byUser = new Map<string, T[]>();
  #size = 0;

  /** How many wait. */
  get size(): number {
    return this.#size;
  }

  push(item: T): void {
    this.#size += 1;
    const waiting = this.#byUser.get(item.user);
    if (waiting) {
      waiting.push(item);
    } else {
      this.#byUser.set(item.user, [item]);
    }
  }

  /** Puts back what was taken in vain, before what its user asked for later. */
  putBack(item: T): void {
    this.#size += 1;
    const waiting = this.#byUser.get(item.user) ?? [];
    waiting.unshift(item);
    this.#byUser.set(item.user, waiting);
  }

  /** @param mayGo - whoever may not yet keeps its place */
  shift(mayGo: (item: T) => boolean = () => true): T | undefined {
    for (const [user, waiting] of this.#byUser) {
      const item = this.#take(user, waiting, mayGo);
      if (item) {
        if (waiting.length) {
          // A Map keeps the order of insertion: taken out and put back, last in turn.
          this.#byUser.delete(user);
          this.#byUser.set(user, waiting);
        }
        return item;
      }
    }
    return undefined;
  }

  /** Takes an item out of turn. */
  remove(id: string): T | undefined {
    for (const [user, waiting] of this.#byUser) {
      const item = this.#take(user, waiting, each => each.id === id);
      if (item) {
        return item;
      }
    }
    return undefined;
  }

  #take(user: string, waiting: T[], isIt: (item: T) => boolean): T | undefined {
    const at = waiting.findIndex(isIt);
    if (at < 0) {
      return undefined;
    }
    const [item] = waiting.splice(at, 1);
    this.#size -= 1;
    if (!waiting.length) {
      this.#byUser.delete(user);
    }
    return item;
  }
}
