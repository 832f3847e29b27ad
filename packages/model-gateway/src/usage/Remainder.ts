import { tokenCount } from './tokenUsage';

/**
 * A total from which parts are taken. Providers contradict themselves at times
 * (more cached tokens than tokens); then a part gets what is left, so the parts
 * always sum to the total and none is negative.
 */
export class Remainder {
  #left: number;

  constructor(total: number) {
    this.#left = total;
  }

  /** What no part has taken. */
  get left(): number {
    return this.#left;
  }

  /** Takes at most so many tokens. */
  take(wanted: unknown): number {
    const taken = Math.min(this.#left, tokenCount(wanted));
    this.#left -= taken;
    return taken;
  }
}

/** Leaves out the parts that are zero, which most calls do not have. */
export function onlyPositive<T extends Record<string, number>>(
  parts: T,
): Partial<T> {
  const result: Partial<T> = {};
  for (const name of Object.keys(parts) as Array<keyof T>) {
    if (parts[name] > 0) {
      result[name] = parts[name];
    }
  }
  return result;
}
