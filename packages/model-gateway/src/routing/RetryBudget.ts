import type { Clock } from '../ports';

/** What every call adds: so one in ten may be repeated. */
const PER_CALL = 0.1;
/** What a second adds, for a process with few calls. */
const PER_SECOND = 3;
const MOST = 30;

/**
 * How many calls of this process may be repeated. When a provider fails for all,
 * repeating every call would only add to its load.
 */
export class RetryBudget {
  readonly #clock: Clock;
  #left = MOST;
  #at: number;

  constructor(options: { clock: Clock }) {
    this.#clock = options.clock;
    this.#at = options.clock.now();
  }

  /** A call begins. */
  called(): void {
    this.#left = Math.min(this.#left + PER_CALL, MOST);
  }

  /** Takes the right to repeat a call, if there is one left. */
  take(): boolean {
    const now = this.#clock.now();
    this.#left = Math.min(
      this.#left + ((now - this.#at) / 1000) * PER_SECOND,
      MOST,
    );
    this.#at = now;
    if (this.#left < 1) {
      return false;
    }
    this.#left -= 1;
    return true;
  }
}
