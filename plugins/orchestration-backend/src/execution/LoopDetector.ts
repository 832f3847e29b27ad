import canonicalize from 'canonicalize';
import { RunFailure } from './RunFailure';

/** What makes two tool calls the same. */
export interface ToolCallKey {
  name: string;
  args: unknown;
}

/** Notices an agent that asks for the same thing again and again. */
export class LoopDetector {
  readonly #threshold: number;
  readonly #seen = new Map<string, number>();

  /** @param calls - those that were made already, when a run goes on */
  constructor(threshold: number, calls: ToolCallKey[] = []) {
    this.#threshold = threshold;
    calls.forEach(call => this.#count(call));
  }

  /** Throws at the call that makes it too often. */
  record(name: string, args: unknown): void {
    const times = this.#count({ name, args });
    if (times >= this.#threshold) {
      throw new RunFailure(
        'LoopDetected',
        `Stopped because the agent asked ${times} times for ${name} with the same arguments. Put the question in other words, or ask the agent's owner to look at its instructions.`,
      );
    }
  }

  #count({ name, args }: ToolCallKey): number {
    const key = `${name} ${textOf(args ?? {})}`;
    const times = (this.#seen.get(key) ?? 0) + 1;
    this.#seen.set(key, times);
    return times;
  }
}

/** Models write halves of characters and numbers beyond all bounds; the gateway says what it makes of them. */
function textOf(args: unknown) {
  try {
    return canonicalize(args);
  } catch {
    return JSON.stringify(args);
  }
}
