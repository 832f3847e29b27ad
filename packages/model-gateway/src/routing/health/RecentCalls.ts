const MINUTE_MS = 60_000;
const MINUTES = 5;

/** Calls and errors of the last five minutes. */
export class RecentCalls {
  readonly #calls = new Uint32Array(MINUTES);
  readonly #errors = new Uint32Array(MINUTES);
  #minute = 0;

  add(now: number, failed: boolean): void {
    const slot = this.#advance(now);
    this.#calls[slot] += 1;
    if (failed) {
      this.#errors[slot] += 1;
    }
  }

  read(now: number): { calls: number; errorRate: number } {
    this.#advance(now);
    const calls = this.#calls.reduce((sum, count) => sum + count, 0);
    const errors = this.#errors.reduce((sum, count) => sum + count, 0);
    return { calls, errorRate: calls === 0 ? 0 : errors / calls };
  }

  #advance(now: number): number {
    const minute = Math.floor(now / MINUTE_MS);
    for (
      let passed = Math.min(minute - this.#minute, MINUTES);
      passed > 0;
      passed -= 1
    ) {
      const slot = (minute - passed + 1) % MINUTES;
      this.#calls[slot] = 0;
      this.#errors[slot] = 0;
    }
    this.#minute = Math.max(minute, this.#minute);
    return this.#minute % MINUTES;
  }
}
