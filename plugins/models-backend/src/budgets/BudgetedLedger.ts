import {
  type Account,
  type AttemptOutcome,
  type AttemptStart,
  type CallLedger,
  type GatewayError,
  type GatewayLogger,
  inputTokens,
  type OpenedEntry,
  outputTokens,
  type TokenUsage,
} from '@agentportal/model-gateway';
import type { DatabaseCallLedger } from '../ledger/DatabaseCallLedger';
import { FairShares } from '../rateLimits/FairShares';
import { refuseOverRate, standingHeaders } from '../rateLimits/refuseOverRate';
import type { RateLimitDirectory } from './ScopeDirectory';
import type { BudgetDirectory } from './ScopeDirectory';
import { CurrentHoldSets } from './CurrentHoldSets';
import type { Hold, ItemResult, Refusal } from './holdBatch';
import type { HoldSets } from './HoldSets';
import type { LimitsForEach } from './LimitsForEach';
import { RoomQueue } from './RoomQueue';

/** How often those who wait for room look whether another process gave some back. */
const LOOK_EVERY_MS = 500;

const NONE: readonly never[] = [];

/** Puts a refusal into words; tells others of it, if the call is over with it. */
type Refuse = (
  refusal: Refusal,
  account: Account,
  isOver: boolean,
) => Promise<GatewayError>;

/**
 * The call ledger with budgets and rate limits in front: an attempt begins only
 * when every budget that applies has room for the most that it can cost, and every
 * rate limit lets it through.
 */
export class BudgetedLedger implements CallLedger {
  readonly #ledger: DatabaseCallLedger;
  readonly #sets: HoldSets;
  readonly #currentSets: CurrentHoldSets;
  readonly #budgets: BudgetDirectory;
  readonly #rateLimits?: RateLimitDirectory;
  readonly #forEach: readonly LimitsForEach[];
  readonly #instanceId: string;
  readonly #refuse: Refuse;
  readonly #logger: GatewayLogger;
  readonly #holdForMs: number;
  readonly #waitMs: number;
  /** Attempts of this process that are under way, with what they hold. */
  readonly #open = new Map<string, Hold | undefined>();
  readonly #room = new RoomQueue();
  readonly #shares = new FairShares();

  constructor(options: {
    ledger: DatabaseCallLedger;
    sets: HoldSets;
    budgets: BudgetDirectory;
    rateLimits?: RateLimitDirectory;
    /** What everybody has. */
    forEach?: readonly LimitsForEach[];
    instanceId: string;
    refuse: Refuse;
    logger: GatewayLogger;
    /** After this time a hold is dead even if its process is not. */
    holdForMs: number;
    /** How long an attempt waits for room that others hold but may not need. */
    waitMs: number;
  }) {
    this.#ledger = options.ledger;
    this.#sets = options.sets;
    this.#currentSets = new CurrentHoldSets(options.sets);
    this.#budgets = options.budgets;
    this.#rateLimits = options.rateLimits;
    this.#forEach = options.forEach ?? [];
    this.#instanceId = options.instanceId;
    this.#refuse = options.refuse;
    this.#logger = options.logger;
    this.#holdForMs = options.holdForMs;
    this.#waitMs = options.waitMs;
  }

  isLimited(account: Account, model: string): boolean | Promise<boolean> {
    const isLimited = () =>
      this.#budgets.applies(account, model) ||
      (this.#rateLimits?.applies(account, model) ?? false);
    const budgets = this.#budgets.fresh();
    const rateLimits = this.#rateLimits?.fresh();
    if (budgets || rateLimits) {
      return Promise.all([budgets, rateLimits])
        .then(() => this.#makeForEach(account))
        .then(isLimited);
    }
    return this.#makeForEach(account)?.then(isLimited) ?? isLimited();
  }

  /** Makes the limits that everybody has and this account has not yet. */
  #makeForEach(account: Account): Promise<unknown> | undefined {
    const making = this.#forEach.flatMap(
      limits => limits.ensure(account) ?? [],
    );
    return making.length > 0 ? Promise.all(making) : undefined;
  }

  isBudgeted(account: Account, model: string): boolean {
    return this.#budgets.applies(account, model);
  }

  async open(start: AttemptStart): Promise<OpenedEntry | void> {
    const found = this.#holdOf(start);
    const hold = found instanceof Promise ? await found : found;
    const limits = hold?.limits ?? NONE;
    const yields = this.#shares.yields(limits, start.account);
    if (yields) {
      throw refuseOverRate(yields);
    }
    const values = this.#ledger.startValues(
      start,
      hold && {
        setId: hold.set.id,
        expiresAt: start.createdAt + this.#holdForMs,
        instanceId: this.#instanceId,
      },
    );
    const item = {
      kind: 'open' as const,
      attemptId: start.id,
      values: values instanceof Promise ? await values : values,
      hold,
    };
    let result = await this.#ledger.journal.write(item);
    if (result.refusal || result.rateRefusal) {
      result = await this.#waitForRoom(item, start, result);
    }
    this.#open.set(start.id, hold);
    this.#shares.began(limits, start.account, hold?.tokens ?? 0);
    if (result.standings) {
      return { headers: standingHeaders(result.standings) };
    }
    return undefined;
  }

  async settle(id: string, outcome: AttemptOutcome): Promise<void> {
    const hold = this.#open.has(id)
      ? this.#open.get(id)
      : await this.#foundHold(id);
    const values = this.#ledger.endValues(outcome);
    const { overrunNanoUsd } = await this.#ledger.journal.write({
      kind: 'settle',
      attemptId: id,
      values: values instanceof Promise ? await values : values,
      costNanoUsd: outcome.costNanoUsd,
      tokens: hold && hold.limits.length > 0 ? allTokens(outcome.usage) : 0,
      hold,
    });
    this.#open.delete(id);
    if (hold) {
      this.#room.giveBack(hold.set.windows, hold.nanoUsd - outcome.costNanoUsd);
    }
    if (overrunNanoUsd) {
      this.#logger.warn(
        'A provider charged more than the most that a call could cost; check the price and the limits of the model',
        { call: id, overrunNanoUsd },
      );
    }
  }

  /** What an attempt has to hold; `undefined` when nothing limits it. */
  #holdOf(start: AttemptStart): Hold | undefined | Promise<Hold> {
    const { account, boundNanoUsd = 0, createdAt, model } = start;
    const budgets =
      boundNanoUsd > 0 ? this.#budgets.applying(account, model) : NONE;
    const limits = this.#rateLimits?.applying(account, model) ?? NONE;
    if (budgets.length === 0 && limits.length === 0) {
      return undefined;
    }
    const set = this.#currentSets.of(budgets, limits, createdAt);
    const rest = {
      nanoUsd: boundNanoUsd,
      tokens: start.boundTokens ?? 0,
      limits,
    };
    return set instanceof Promise
      ? set.then(made => ({ set: made, ...rest }))
      : { set, ...rest };
  }

  /** What an attempt of another process holds, by its row. */
  async #foundHold(id: string): Promise<Hold | undefined> {
    const found = await this.#sets.heldBy(id);
    return found && { ...found, tokens: 0, limits: [] };
  }

  /** Room that calls under way hold may come back; what is spent does not. */
  async #waitForRoom(
    item: Parameters<DatabaseCallLedger['journal']['write']>[0],
    { account, isFirstTry }: AttemptStart,
    first: ItemResult,
  ): Promise<ItemResult> {
    const deadline = performance.now() + this.#waitMs;
    for (let result = first; ; ) {
      if (result.rateRefusal) {
        this.#shares.refused(result.rateRefusal, account);
        throw refuseOverRate(result.rateRefusal);
      }
      if (!result.refusal) {
        return result;
      }
      const leftMs = deadline - performance.now();
      if (!mayGetRoom(result.refusal) || leftMs <= 0) {
        throw await this.#refuse(result.refusal, account, !isFirstTry);
      }
      const lookMs = LOOK_EVERY_MS * (0.5 + Math.random());
      await this.#room.wait(result.refusal, Math.min(lookMs, leftMs));
      result = await this.#ledger.journal.write(item);
    }
  }
}

/** There is room but for what calls under way hold, and they give some back. */
function mayGetRoom(refusal: Refusal): boolean {
  const { budget, neededNanoUsd, spentNanoUsd } = refusal;
  return spentNanoUsd + neededNanoUsd <= budget.limitNanoUsd;
}

function allTokens(usage: TokenUsage): number {
  return inputTokens(usage) + outputTokens(usage);
}
