/**
 * Numbers that look random and are the same at each start, so that examples,
 * screenshots and evaluations agree on the data.
 */
export interface RandomSource {
  /** A number from 0 up to, not including, 1. */
  next(): number;
  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number;
  /** One of the items. */
  pick<T>(items: readonly T[]): T;
  /** True in the given share of calls. */
  chance(share: number): boolean;
}

/** A xorshift generator. Each topic has a seed of its own, so that a change of one does not shift the others. */
export function createRandom(topic: string): RandomSource {
  let state = 2166136261;
  for (const character of topic) {
    state = Math.imul(state ^ character.charCodeAt(0), 16777619);
  }
  // Zero is the one state that xorshift never leaves.
  state = state || 1;

  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
  for (let warmUp = 0; warmUp < 8; warmUp++) {
    next();
  }
  const between = (min: number, max: number) =>
    min + Math.floor(next() * (max - min + 1));
  return {
    next,
    between,
    pick: items => items[between(0, items.length - 1)],
    chance: share => next() < share,
  };
}
