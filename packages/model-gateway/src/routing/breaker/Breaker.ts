import type { Fault, FaultClass } from './faultClass';

/** Failures in a row after which a model is left alone. */
const IN_A_ROW = 2;
/** They count as in a row only so close together. */
const ROW_MS = 30_000;
/** Of so many calls within {@link ROW_MS}, half may fail. */
const MIN_CALLS = 20;

const FIRST_PAUSE_MS: Record<FaultClass, number> = {
  rate: 1_000,
  quota: 10 * 60_000,
  auth: 60_000,
  trouble: 2_000,
};
const LONGEST_PAUSE_MS: Record<FaultClass, number> = {
  rate: 60_000,
  quota: 10 * 60_000,
  auth: 60_000,
  trouble: 60_000,
};
/** How soon to ask again while a probe is under way. */
const PROBE_MS = 1_000;

/** A model or credential that is being left alone. */
export interface Pause {
  class: FaultClass;
  /** Milliseconds since the epoch; the next call after it is a probe. */
  until: number;
}

/**
 * Leaves something alone after it failed, for as long as its kind of failure
 * asks for. After that a single call goes through as a probe: its success ends
 * the pause, its failure makes the next one twice as long.
 */
export class Breaker {
  #pause?: Pause;
  #probing = false;
  /** Pauses without a success between them. */
  #pauses = 0;
  #inRow = 0;
  #lastFailureAt = -Infinity;
  #window = { since: -Infinity, calls: 0, failures: 0 };

  /** Why no call may go through now. */
  blocked(now: number): Pause | undefined {
    const pause = this.#pause;
    if (!pause) {
      return undefined;
    }
    if (now < pause.until) {
      return pause;
    }
    return this.#probing
      ? { class: pause.class, until: now + PROBE_MS }
      : undefined;
  }

  state(now: number): 'closed' | 'open' | 'half-open' {
    if (!this.#pause) {
      return 'closed';
    }
    return now < this.#pause.until ? 'open' : 'half-open';
  }

  /** The pause, also once it only waits for a probe. */
  get pause(): Pause | undefined {
    return this.#pause;
  }

  /**
   * Lets a call through that is not blocked.
   *
   * @returns whether it is the probe
   */
  enter(): boolean {
    if (!this.#pause) {
      return false;
    }
    this.#probing = true;
    return true;
  }

  /** A call that went through came to nothing that tells anything. */
  left(probe: boolean): void {
    if (probe) {
      this.#probing = false;
    }
  }

  succeeded(probe: boolean, now: number): void {
    this.left(probe);
    if (this.#pause && !probe) {
      // It began before the pause and knows nothing of what came after.
      return;
    }
    this.#pause = undefined;
    this.#pauses = 0;
    this.#inRow = 0;
    this.#count(now, 0);
  }

  failed(probe: boolean, fault: Fault, now: number): void {
    this.left(probe);
    const told = fault.until;
    if (this.#pause && !probe) {
      // Calls that were under way together fail together; that is one failure.
      if (told !== undefined && told > this.#pause.until) {
        this.#pause = { class: fault.class, until: told };
      }
      return;
    }
    this.#inRow = now - this.#lastFailureAt <= ROW_MS ? this.#inRow + 1 : 1;
    this.#lastFailureAt = now;
    this.#count(now, 1);
    const { calls, failures } = this.#window;
    if (
      probe ||
      fault.certain ||
      this.#inRow >= IN_A_ROW ||
      (calls >= MIN_CALLS && failures * 2 >= calls)
    ) {
      this.#open(fault.class, told, now);
    }
  }

  #open(fault: FaultClass, told: number | undefined, now: number): void {
    const pauseMs = Math.min(
      FIRST_PAUSE_MS[fault] * 2 ** Math.min(this.#pauses, 10),
      LONGEST_PAUSE_MS[fault],
    );
    this.#pauses += 1;
    this.#pause = { class: fault, until: told ?? now + pauseMs };
  }

  #count(now: number, failures: number): void {
    if (now - this.#window.since > ROW_MS) {
      this.#window = { since: now, calls: 0, failures: 0 };
    }
    this.#window.calls += 1;
    this.#window.failures += failures;
  }
}
