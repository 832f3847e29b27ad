import { RunFailure } from './RunFailure';

/** Notices an agent that asks for the same thing again and again. */
export class LoopDetector {
  readonly #threshold: number;
  readonly #seen = new Map<string, number>();

  static create(threshold: number): LoopDetector {
    return new LoopDetector(threshold);
  }

  private constructor(threshold: number) {
    this.#threshold = threshold;
  }

  /** Throws at the call that makes it too often. */
  record(toolName: string, args: unknown): void {
    const key = `${toolName} ${canonical(args)}`;
    const times = (this.#seen.get(key) ?? 0) + 1;
    this.#seen.set(key, times);
    if (times >= this.#threshold) {
      throw new RunFailure(
        'LoopDetected',
        `Stopped because the agent asked ${times} times for ${toolName} with the same arguments. Put the question in other words, or ask the agent's owner to look at its instructions.`,
      );
    }
  }
}

/** JSON in which the order of keys does not matter. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(
          Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : inner,
  );
}
