import { GatewayError, ownFault } from '../errors';
import type {
  AttemptOutcome,
  AttemptStart,
  CallLedger,
  Clock,
  GatewayLogger,
  OpenedEntry,
  Savings,
} from '../ports';
import { costNanoUsd, type Price, UNPRICED } from '../prices/price';
import { MOST_SEARCHES } from '../prices/reach';
import type { AnswerPiece } from '../telemetry/answerFacts';
import type { AttemptWatch } from '../telemetry/AttemptObservation';
import { estimateUsage } from '../usage/estimate';
import type { ServedAs } from '../usage/served';
import {
  inputTokens,
  outputTokens,
  type TokenUsage,
} from '../usage/tokenUsage';
import { NO_USAGE as NOTHING, UNITS } from '../usage/units';
import { secondsIn } from './hold';
import type { LateSettlements } from './LateSettlements';

const SETTLE_TRIES = 3;
const SETTLE_PAUSE_MS = 100;

/** Broken off by us. */
const CANCELLED: ReadonlySet<string> = new Set(['client_gone', 'superseded']);

/** The provider may have been at work, or has answered; it will want to be paid. */
const MAY_HAVE_WORKED: ReadonlySet<string> = new Set([
  ...CANCELLED,
  'access_denied',
  'gateway_unavailable',
  'provider_bad_answer',
  'provider_stream_cut',
  'provider_timeout',
]);

/** What an attempt used and cost, once it has ended. */
export interface Bill {
  usage: TokenUsage;
  costNanoUsd: number;
  estimated: boolean;
  /** Kinds of what the guard hid in the call, such as `secret`. */
  hidden?: string[];
}

/** What was used, by what is known. */
interface Used {
  usage: TokenUsage;
  estimated: boolean;
  /** Nobody knows how much it was, so it is booked as the most that it can be. */
  unknown?: boolean;
}

/**
 * One attempt to call one model, from the row that says it started to the one
 * settlement that ends it. Whoever ends it first wins; later calls get the same
 * bill, so no path can pay twice or not at all.
 */
export class Attempt {
  /** What the ledger has to tell the caller. */
  readonly headers?: OpenedEntry['headers'];
  readonly #ledger: CallLedger;
  readonly #clock: Clock;
  readonly #logger: GatewayLogger;
  readonly #price?: Price;
  readonly #start: AttemptStart;
  readonly #requestBytes: number;
  readonly #mostTokens: number;
  readonly #mostUnits?: TokenUsage;
  readonly #likely?: TokenUsage;
  readonly #mostAfter?: AttemptOptions['mostAfter'];
  readonly #late?: LateSettlements;
  readonly #savingsOf?: AttemptOptions['savingsOf'];
  readonly #watch?: AttemptWatch;
  #firstByteAt?: number;
  #usage?: TokenUsage;
  /** In which tier and where the provider says that it served. */
  readonly #served: ServedAs = {};
  readonly #priceOfOther?: AttemptOptions['priceOfOther'];
  #toldModel?: string;
  /** Of the model that the provider says it has used instead. */
  #otherPrice?: Price;
  readonly #onTier?: (serviceTier: string) => void;
  #textBytes = 0;
  /** The answer has come to its end, so its usage is the last one. */
  #ended = false;
  /** The provider told what cannot be. */
  #absurd = false;
  #hasWarned = false;
  #bill?: Promise<Bill>;

  private constructor(
    options: AttemptOptions,
    headers?: OpenedEntry['headers'],
  ) {
    this.headers = headers;
    this.#ledger = options.ledger;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#price = options.price;
    this.#start = options.start;
    this.#requestBytes = options.requestBytes;
    this.#mostTokens = options.mostTokens ?? Number.MAX_SAFE_INTEGER;
    this.#mostUnits = options.mostUnits;
    this.#likely = options.likely;
    this.#mostAfter = options.mostAfter;
    this.#late = options.late;
    this.#priceOfOther = options.priceOfOther;
    this.#onTier = options.onTier;
    this.#savingsOf = options.savingsOf;
    this.#watch = options.observe?.(options.start);
  }

  /** Writes the start down. Without that row nothing is called. */
  static async open(options: AttemptOptions): Promise<Attempt> {
    let opened: OpenedEntry | void;
    try {
      opened = await options.ledger.open(options.start);
    } catch (error) {
      if (error instanceof GatewayError) {
        throw error;
      }
      if (options.start.boundNanoUsd || options.start.boundTokens) {
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
    return new Attempt(options, opened?.headers);
  }

  /** Unique; made of the call's id and the attempt's number. */
  get id(): string {
    return this.#start.id;
  }

  /** The provider has begun to answer. */
  answered(): void {
    this.#watch?.answered();
  }

  /** Takes notice of a piece of the answer. Of several usages the last holds. */
  note(
    piece: AnswerPiece & ServedAs & { usage?: TokenUsage; textBytes: number },
  ): void {
    this.#watch?.note(piece);
    this.#firstByteAt ??= this.#clock.now();
    if (piece.usage) {
      this.#absurd = !this.#isBelievable(piece.usage);
      this.#usage = this.#absurd ? undefined : piece.usage;
    }
    if (piece.serviceTier && piece.serviceTier !== this.#served.serviceTier) {
      this.#served.serviceTier = piece.serviceTier;
      this.#onTier?.(piece.serviceTier);
    }
    this.#served.inferenceGeo = piece.inferenceGeo ?? this.#served.inferenceGeo;
    this.#textBytes += piece.textBytes;
    if (piece.model !== undefined && piece.model !== this.#toldModel) {
      this.#toldModel = piece.model;
      this.#compareModel(piece.model);
    }
  }

  /** What was not asked for must not be cheaper to get that way. */
  #compareModel(told: string): void {
    const isFirst = !this.#otherPrice;
    this.#otherPrice = this.#priceOfOther?.(told) ?? this.#otherPrice;
    // An answer may name one model after another, piece by piece.
    if (this.#otherPrice && isFirst) {
      this.#logger.warn(
        'A provider answered with another of its models than the one that was asked for, so the call is booked by the dearer price; check the provider',
        { call: this.#start.id, model: this.#start.model, told },
      );
    }
  }

  /** The answer has come to its end. */
  ended(): void {
    this.#ended = true;
  }

  /** One answer must not use up the budgets of everybody. */
  #isBelievable(usage: TokenUsage): boolean {
    const told = Math.max(inputTokens(usage), outputTokens(usage));
    const { webSearches = 0 } = usage;
    const hasTooMany = UNITS.some(
      unit => (usage[unit] ?? 0) > (this.#mostUnits?.[unit] ?? 0),
    );
    if (
      told <= this.#mostTokens &&
      webSearches <= MOST_SEARCHES &&
      !hasTooMany
    ) {
      return true;
    }
    if (!this.#hasWarned) {
      this.#hasWarned = true;
      this.#logger.warn(
        'A provider told of more tokens, searches or units than a call can use, so the call is booked as the most that it may cost; check the provider',
        { call: this.#start.id, model: this.#start.model, told, webSearches },
      );
    }
    return false;
  }

  /** What it costs by what is known now. */
  currentCost(): number {
    return this.#cost(this.#used());
  }

  succeed(): Promise<Bill> {
    return this.#settle('succeeded', undefined, this.#used());
  }

  /** By what is told, or by what can be seen. */
  #used(): Used {
    return this.#timed({
      usage: this.#usage ?? this.#estimate(),
      estimated: this.#usage === undefined,
    });
  }

  /** Where machines are paid by the hour, every call takes its time of one. */
  #timed(used: Used): Used {
    if (this.#price?.units?.computeSeconds === undefined) {
      return used;
    }
    const took = this.#clock.now() - this.#start.createdAt;
    return {
      ...used,
      usage: { ...used.usage, computeSeconds: secondsIn(took) },
    };
  }

  /** Ends an attempt that did not come to its end. */
  fail(error: unknown): Promise<Bill> {
    const { code, message } = ownFault(error);
    return this.#settle(
      CANCELLED.has(code) ? 'cancelled' : 'failed',
      { code, message },
      this.#unfinished(code),
    );
  }

  /**
   * A provider that refused or was not reached charges nothing. Once it may have
   * worked it is paid, and by more than what came: it may have thought.
   */
  #unfinished(code: string): Used {
    if (this.#ended && this.#usage) {
      return this.#timed({ usage: this.#usage, estimated: false });
    }
    const began = this.#firstByteAt !== undefined;
    if (!began && !MAY_HAVE_WORKED.has(code)) {
      return { usage: NOTHING, estimated: false };
    }
    const estimate = this.#estimate();
    return this.#timed({
      estimated: true,
      unknown: true,
      usage: this.#usage
        ? {
            ...this.#usage,
            outputText: Math.max(
              this.#usage.outputText,
              estimate.outputText - this.#usage.reasoning,
            ),
          }
        : estimate,
    });
  }

  /**
   * What a provider tells is believed whatever was held, if a call can have used
   * it at all. An estimate stays within what was held, which is the most that it
   * can have been; where nothing is known, it is the most that can have been by now.
   */
  #cost({ estimated, unknown, usage }: Used): number {
    const cost = Math.max(
      costNanoUsd(this.#price, usage, this.#served),
      this.#otherPrice ? costNanoUsd(this.#otherPrice, usage, this.#served) : 0,
    );
    const bound = this.#start.boundNanoUsd;
    if (!estimated || bound === undefined) {
      return cost;
    }
    if (this.#absurd) {
      return bound;
    }
    const took = this.#clock.now() - this.#start.createdAt;
    const most = unknown ? this.#mostAfter?.(took) ?? bound : cost;
    return Math.min(Math.max(cost, most), bound);
  }

  #estimate(): TokenUsage {
    return this.#likely ?? estimateUsage(this.#requestBytes, this.#textBytes);
  }

  #settle(
    status: AttemptOutcome['status'],
    failure: { code: string; message: string } | undefined,
    used: Used,
  ): Promise<Bill> {
    if (this.#bill) {
      return this.#bill;
    }
    const outcome: AttemptOutcome = {
      status,
      errorCode: failure?.code,
      errorMessage: failure?.message,
      durationMs: this.#clock.now() - this.#start.createdAt,
      ttfbMs:
        this.#firstByteAt === undefined
          ? undefined
          : this.#firstByteAt - this.#start.createdAt,
      usage: used.usage,
      estimated: used.estimated,
      costNanoUsd: this.#cost(used),
      priceVersion: this.#price?.version ?? UNPRICED,
    };
    if (status === 'succeeded') {
      outcome.savings = this.#savingsOf?.(used.usage, outcome.costNanoUsd);
    }
    this.#watch?.end(outcome);
    this.#bill = this.#write(outcome);
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
  /** A provider that tells of more tokens, read or written, is not believed. */
  mostTokens?: number;
  /** What it uses by its looks; by its size and that of its answer unless it is told. */
  likely?: TokenUsage;
  /** A provider that tells of more units is not believed. */
  mostUnits?: TokenUsage;
  /** The most that it can cost once it has gone on for so many milliseconds. */
  mostAfter?: (ms: number) => number;
  /** Where a settlement goes that the ledger cannot take now. */
  late?: LateSettlements;
  /** Hears in which service tier the call is served, if not in the standard one. */
  onTier?: (serviceTier: string) => void;
  /** The price of the model that an answer names, if that is another one. */
  priceOfOther?: (modelId: string) => Price | undefined;
  /** What was not spent, by what was used and what it cost. */
  savingsOf?: (usage: TokenUsage, costNanoUsd: number) => Savings | undefined;
  /** Called once the start is written down; whoever watches hears the rest. */
  observe?: (start: AttemptStart) => AttemptWatch;
}
