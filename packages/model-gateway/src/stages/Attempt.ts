import { GatewayError, ownFault } from '../errors';
import type {
  AttemptOutcome,
  AttemptStart,
  CallLedger,
  Clock,
  GatewayLogger,
} from '../ports';
import { costNanoUsd, type Price, UNPRICED } from '../prices/price';
import { estimateUsage } from '../usage/estimate';
import type { TokenUsage } from '../usage/tokenUsage';

const SETTLE_TRIES = 3;
const SETTLE_PAUSE_MS = 100;

const NOTHING: TokenUsage = {
  inputUncached: 0,
  cacheRead: 0,
  cacheWrite: 0,
  outputText: 0,
  reasoning: 0,
};

/** What an attempt used and cost, once it has ended. */
export interface Bill {
  usage: TokenUsage;
  costNanoUsd: number;
  estimated: boolean;
}

/**
 * One attempt to call one model, from the row that says it started to the one
 * settlement that ends it. Whoever ends it first wins; later calls get the same
 * bill, so no path can pay twice or not at all.
 */
export class Attempt {
  readonly #ledger: CallLedger;
  readonly #clock: Clock;
  readonly #logger: GatewayLogger;
  readonly #price?: Price;
  readonly #start: AttemptStart;
  readonly #requestBytes: number;
  #firstByteAt?: number;
  #usage?: TokenUsage;
  #textBytes = 0;
  #bill?: Promise<Bill>;

  private constructor(options: AttemptOptions) {
    this.#ledger = options.ledger;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#price = options.price;
    this.#start = options.start;
    this.#requestBytes = options.requestBytes;
  }

  /** Writes the start down. Without that row nothing is called. */
  static async open(options: AttemptOptions): Promise<Attempt> {
    try {
      await options.ledger.open(options.start);
    } catch (error) {
      throw new GatewayError(
        503,
        'ledger_unavailable',
        'The call cannot be written down, so it is not made; try again in a moment.',
        { cause: error },
      );
    }
    return new Attempt(options);
  }

  /** Takes notice of a piece of the answer. Of several usages the last holds. */
  note(piece: { usage?: TokenUsage; textBytes: number }): void {
    this.#firstByteAt ??= this.#clock.now();
    this.#usage = piece.usage ?? this.#usage;
    this.#textBytes += piece.textBytes;
  }

  /** What it costs by what is known now. */
  currentCost(): number {
    return costNanoUsd(this.#price, this.#usage ?? this.#estimate());
  }

  succeed(): Promise<Bill> {
    return this.#settle('succeeded', undefined, {
      usage: this.#usage ?? this.#estimate(),
      estimated: this.#usage === undefined,
    });
  }

  /** Ends an attempt that did not come to its end. */
  fail(error: unknown): Promise<Bill> {
    const { code } = ownFault(error);
    return this.#settle(
      code === 'client_gone' ? 'cancelled' : 'failed',
      code,
      this.#unfinished(code),
    );
  }

  /**
   * A provider that refused or was not reached charges nothing. Once it may have
   * worked, the request is paid for, and of output at least what came.
   */
  #unfinished(code: string): { usage: TokenUsage; estimated: boolean } {
    const began = this.#firstByteAt !== undefined;
    const mayHaveWorked = code === 'client_gone' || code === 'provider_timeout';
    if (!began && !mayHaveWorked) {
      return { usage: NOTHING, estimated: false };
    }
    const estimate = this.#estimate();
    return {
      estimated: true,
      usage: this.#usage
        ? {
            ...this.#usage,
            outputText: Math.max(
              this.#usage.outputText,
              estimate.outputText - this.#usage.reasoning,
            ),
          }
        : estimate,
    };
  }

  #estimate(): TokenUsage {
    return estimateUsage(this.#requestBytes, this.#textBytes);
  }

  #settle(
    status: AttemptOutcome['status'],
    errorCode: string | undefined,
    used: { usage: TokenUsage; estimated: boolean },
  ): Promise<Bill> {
    this.#bill ??= this.#write({
      status,
      errorCode,
      durationMs: this.#clock.now() - this.#start.createdAt,
      ttfbMs:
        this.#firstByteAt === undefined
          ? undefined
          : this.#firstByteAt - this.#start.createdAt,
      ...used,
      costNanoUsd: costNanoUsd(this.#price, used.usage),
      priceVersion: this.#price?.version ?? UNPRICED,
    });
    return this.#bill;
  }

  /**
   * The provider has been paid whatever happens here, so a ledger that stays
   * away does not fail the call; its row stays open and is found at next start.
   */
  async #write(outcome: AttemptOutcome): Promise<Bill> {
    for (let tried = 1; ; tried += 1) {
      try {
        await this.#ledger.settle(this.#start.id, outcome);
        return outcome;
      } catch (error) {
        if (tried === SETTLE_TRIES) {
          this.#logger.error('A call could not be settled in the ledger', {
            call: this.#start.id,
            costNanoUsd: outcome.costNanoUsd,
            reason: String(error),
          });
          return outcome;
        }
        await new Promise(resolve => {
          setTimeout(resolve, SETTLE_PAUSE_MS * tried);
        });
      }
    }
  }
}

interface AttemptOptions {
  ledger: CallLedger;
  clock: Clock;
  logger: GatewayLogger;
  price?: Price;
  start: AttemptStart;
  requestBytes: number;
}
