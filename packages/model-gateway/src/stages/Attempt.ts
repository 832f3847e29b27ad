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
import type { LateSettlements } from './LateSettlements';

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
  readonly #late?: LateSettlements;
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
    this.#late = options.late;
  }

  /** Writes the start down. Without that row nothing is called. */
  static async open(options: AttemptOptions): Promise<Attempt> {
    try {
      await options.ledger.open(options.start);
    } catch (error) {
      if (error instanceof GatewayError) {
        throw error;
      }
      if (options.start.boundNanoUsd) {
        // The row may have been written and only its confirmation lost; then what
        // it holds is given back, because the call is not made.
        options.late?.add(options.start.id, {
          status: 'failed',
          errorCode: 'ledger_unavailable',
          durationMs: 0,
          usage: NOTHING,
          costNanoUsd: 0,
          priceVersion: options.price?.version ?? UNPRICED,
          estimated: false,
        });
      }
      throw new GatewayError(
        503,
        'ledger_unavailable',
        'The call cannot be written down, so it is not made; try again in a moment.',
        { cause: error },
      );
    }
    return new Attempt(options);
  }

  /** Unique; made of the call's id and the attempt's number. */
  get id(): string {
    return this.#start.id;
  }

  /** Takes notice of a piece of the answer. Of several usages the last holds. */
  note(piece: { usage?: TokenUsage; textBytes: number }): void {
    this.#firstByteAt ??= this.#clock.now();
    this.#usage = piece.usage ?? this.#usage;
    this.#textBytes += piece.textBytes;
  }

  /** What it costs by what is known now. */
  currentCost(): number {
    return this.#cost({
      usage: this.#usage ?? this.#estimate(),
      estimated: this.#usage === undefined,
    });
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

  /**
   * What a provider tells is believed whatever was held. An estimate stays
   * within what was held, which is the most that it can have been.
   */
  #cost(used: { usage: TokenUsage; estimated: boolean }): number {
    const cost = costNanoUsd(this.#price, used.usage);
    const bound = this.#start.boundNanoUsd;
    return used.estimated && bound !== undefined ? Math.min(cost, bound) : cost;
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
      costNanoUsd: this.#cost(used),
      priceVersion: this.#price?.version ?? UNPRICED,
    });
    return this.#bill;
  }

  /**
   * The provider has been paid whatever happens here, so a ledger that stays
   * away does not fail the call: it is settled later, and what was held for it
   * stays held until then.
   */
  async #write(outcome: AttemptOutcome): Promise<Bill> {
    for (let tried = 1; ; tried += 1) {
      try {
        await this.#ledger.settle(this.#start.id, outcome);
        return outcome;
      } catch (error) {
        if (tried === SETTLE_TRIES) {
          this.#logger.error(
            'A call could not be settled in the ledger; it is tried again until the ledger is back',
            {
              call: this.#start.id,
              costNanoUsd: outcome.costNanoUsd,
              reason: String(error),
            },
          );
          this.#late?.add(this.#start.id, outcome);
          return outcome;
        }
        await new Promise(resolve => {
          setTimeout(resolve, SETTLE_PAUSE_MS * tried);
        });
      }
    }
  }
}

/** What an attempt is made of. */
export interface AttemptOptions {
  ledger: CallLedger;
  clock: Clock;
  logger: GatewayLogger;
  price?: Price;
  start: AttemptStart;
  requestBytes: number;
  /** Where a settlement goes that the ledger cannot take now. */
  late?: LateSettlements;
}
