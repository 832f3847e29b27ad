import { setTimeout as sleep } from 'node:timers/promises';
import type {
  Account,
  AttemptOutcome,
  AttemptStart,
  CallLedger,
  GatewayError,
  GatewayLogger,
} from '@agentportal/model-gateway';
import type { DatabaseCallLedger } from '../ledger/DatabaseCallLedger';
import type { BudgetDirectory } from './BudgetDirectory';
import type { Refusal, WindowKey } from './holdBatch';
import type { HoldJournal } from './HoldJournal';
import { windowStart } from './windows';

const RETRY_MS = 40;

/**
 * The call ledger with budgets in front: an attempt that costs money begins only
 * when every budget that applies has room for the most that it can cost.
 */
export class BudgetedLedger implements CallLedger {
  readonly #ledger: DatabaseCallLedger;
  readonly #journal: HoldJournal;
  readonly #budgets: BudgetDirectory;
  readonly #refuse: (refusal: Refusal) => Promise<GatewayError>;
  readonly #logger: GatewayLogger;
  readonly #holdForMs: number;
  readonly #waitMs: number;
  /** Attempts of this process that hold something. */
  readonly #holding = new Map<string, WindowKey[]>();

  constructor(options: {
    ledger: DatabaseCallLedger;
    journal: HoldJournal;
    budgets: BudgetDirectory;
    /** Puts a refusal into words. */
    refuse: (refusal: Refusal) => Promise<GatewayError>;
    logger: GatewayLogger;
    /** After this time a hold is dead even if its process is not. */
    holdForMs: number;
    /** How long an attempt waits for room that others hold but may not need. */
    waitMs: number;
  }) {
    this.#ledger = options.ledger;
    this.#journal = options.journal;
    this.#budgets = options.budgets;
    this.#refuse = options.refuse;
    this.#logger = options.logger;
    this.#holdForMs = options.holdForMs;
    this.#waitMs = options.waitMs;
  }

  isLimited(account: Account, model: string): boolean | Promise<boolean> {
    const isLimited = () => this.#budgets.applying(account, model).length > 0;
    const refreshed = this.#budgets.fresh();
    return refreshed ? refreshed.then(isLimited) : isLimited();
  }

  async open(start: AttemptStart): Promise<void> {
    const { boundNanoUsd, createdAt } = start;
    const keys = boundNanoUsd
      ? this.#budgets
          .applying(start.account, start.model)
          .map(({ id, window }) => ({
            budgetId: id,
            windowStart: windowStart(window, createdAt),
          }))
      : [];
    if (!boundNanoUsd || keys.length === 0) {
      await this.#ledger.open(start);
      return;
    }
    const item = {
      kind: 'open' as const,
      attemptId: start.id,
      boundNanoUsd,
      expiresAt: createdAt + this.#holdForMs,
      keys,
      row: await this.#ledger.toRow(start),
    };
    const deadline = performance.now() + this.#waitMs;
    for (;;) {
      const { refusal } = await this.#journal.write(item);
      if (!refusal) {
        this.#holding.set(start.id, keys);
        return;
      }
      if (!mayGetRoom(refusal) || performance.now() > deadline) {
        throw await this.#refuse(refusal);
      }
      await sleep(RETRY_MS * (0.5 + Math.random()));
    }
  }

  async settle(id: string, outcome: AttemptOutcome): Promise<void> {
    const known = this.#holding.get(id);
    if (!known && (await this.#ledger.end(id, outcome))) {
      return;
    }
    const { overrunNanoUsd } = await this.#journal.write({
      kind: 'settle',
      attemptId: id,
      costNanoUsd: outcome.costNanoUsd,
      keys: known ?? (await this.#journal.keysOf(id)),
      update: await this.#ledger.toUpdate(outcome),
    });
    this.#holding.delete(id);
    if (overrunNanoUsd) {
      this.#logger.warn(
        'A provider charged more than the most that a call could cost; check the price and the limits of the model',
        { call: id, overrunNanoUsd },
      );
    }
  }
}

/** There is room but for what calls under way hold, and they give some back. */
function mayGetRoom(refusal: Refusal): boolean {
  const { budget, neededNanoUsd, spentNanoUsd } = refusal;
  return spentNanoUsd + neededNanoUsd <= budget.limitNanoUsd;
}
