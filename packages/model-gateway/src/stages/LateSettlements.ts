import type { AttemptOutcome, CallLedger, GatewayLogger } from '../ports';

const PAUSE_MS = 2_000;
const GIVE_UP_MS = 30 * 60_000;
const MAX_WAITING = 10_000;

/**
 * Settlements that the ledger could not take when their calls ended. They are
 * tried again until it is back, so that a database that was away for a while
 * costs nobody the true figures. What is lost with the process is found by the
 * ledger's own sweeper and settled at its estimate.
 */
export class LateSettlements {
  readonly #ledger: CallLedger;
  readonly #logger: GatewayLogger;
  readonly #waiting = new Map<
    string,
    { outcome: AttemptOutcome; at: number }
  >();
  #timer?: NodeJS.Timeout;

  constructor(options: { ledger: CallLedger; logger: GatewayLogger }) {
    this.#ledger = options.ledger;
    this.#logger = options.logger;
  }

  /** How many are waiting. */
  get size(): number {
    return this.#waiting.size;
  }

  add(id: string, outcome: AttemptOutcome): void {
    if (this.#waiting.size >= MAX_WAITING) {
      this.#giveUp(id, outcome, 'too many are waiting');
      return;
    }
    this.#waiting.set(id, { outcome, at: Date.now() });
    this.#wake();
  }

  #wake(): void {
    if (this.#timer || this.#waiting.size === 0) {
      return;
    }
    this.#timer = setTimeout(() => {
      void this.#tryAll();
    }, PAUSE_MS);
    // A process that wants to end is not kept for it.
    this.#timer.unref();
  }

  async #tryAll(): Promise<void> {
    for (const [id, { outcome, at }] of this.#waiting) {
      try {
        await this.#ledger.settle(id, outcome);
        this.#waiting.delete(id);
      } catch (error) {
        if (Date.now() - at < GIVE_UP_MS) {
          // The others would fail in the same way.
          break;
        }
        this.#waiting.delete(id);
        this.#giveUp(id, outcome, String(error));
      }
    }
    this.#timer = undefined;
    this.#wake();
  }

  #giveUp(id: string, outcome: AttemptOutcome, reason: string): void {
    this.#logger.error(
      'A call could not be settled in the ledger; it will be settled at its estimate',
      { call: id, costNanoUsd: outcome.costNanoUsd, reason },
    );
  }
}
