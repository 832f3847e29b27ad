import { decodeCursor, encodeCursor } from '@agentportal/plugin-agents-node';
import {
  type BudgetScope,
  type CostAccount,
  type CostForecast,
  type CostItem,
  type CostPeriod,
  type CostQuery,
  type CostSums,
  type ModelsPage,
} from '@agentportal/plugin-models-common';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { InputError, isError } from '@backstage/errors';
import { z } from 'zod/v4';
import type { CallRights, VisibleCalls } from '../access/CallRights';
import { readAccount } from '../budgets/readScope';
import { type FocusRequest, focusLines } from '../focus/focusLines';
import type { FocusAccount } from '../focus/columns';
import { forecastOfMonth, LOOK_BACK_DAYS } from '../forecast/forecastOfMonth';
import type { KeyRights } from '../keys/KeyRights';
import { queryCosts } from '../ledger/costs';
import { queryDailyCosts } from '../ledger/dailyCosts';
import type { DatabaseCallLedger } from '../ledger/DatabaseCallLedger';
import type { ModelPrices } from '../prices/ModelPrices';
import type { BudgetsApi } from './BudgetsApi';
import { DEFAULT_LIMIT } from './page';
import { endOfDay, readPeriod } from './period';

const DAY_MS = 86_400_000;
/** An export of more would keep a connection open for too long. */
const MAX_EXPORT_DAYS = { day: 400, hour: 62 };

const atOffset = z.object({ offset: z.number().int().min(0) });

/** The scope of a budget that is exactly what costs were asked of. */
const SCOPES: Record<keyof CostAccount, BudgetScope['type']> = {
  agentRef: 'agent',
  ownerRef: 'owner',
  systemRef: 'system',
  domainRef: 'domain',
  model: 'model',
  userRef: 'user',
  keyId: 'key',
  runId: 'run',
};

/** What model calls cost and will have cost, for HTTP and for actions. */
export class CostsApi {
  readonly #ledger: DatabaseCallLedger;
  readonly #budgets: BudgetsApi;
  readonly #calls: CallRights;
  readonly #keys: Pick<KeyRights, 'mayReadAny' | 'mayReadCostsOf'>;
  readonly #account: FocusAccount;
  readonly #prices: ModelPrices;

  constructor(options: {
    ledger: DatabaseCallLedger;
    budgets: BudgetsApi;
    calls: CallRights;
    keys: Pick<KeyRights, 'mayReadAny' | 'mayReadCostsOf'>;
    /** Whose portal it is, as exports say. */
    account: FocusAccount;
    prices: ModelPrices;
  }) {
    this.#ledger = options.ledger;
    this.#budgets = options.budgets;
    this.#calls = options.calls;
    this.#keys = options.keys;
    this.#account = options.account;
    this.#prices = options.prices;
  }

  async getCosts(
    query: CostQuery,
    credentials: BackstageCredentials,
  ): Promise<
    ModelsPage<CostItem> & { totals: CostSums; visible: 'all' | 'own' }
  > {
    const request = await this.#readable(query, credentials);
    const limit = query.limit ?? DEFAULT_LIMIT;
    const offset = decodeCursor(query.cursor, atOffset)?.offset ?? 0;
    const { more, ...result } = await queryCosts(this.#ledger, {
      ...request,
      ...readPeriod(query, Date.now()),
      limit,
      offset,
    });
    return {
      ...result,
      visible: request.among ? 'own' : 'all',
      ...(more && { nextCursor: encodeCursor({ offset: offset + limit }) }),
    };
  }

  async forecast(
    account: CostAccount,
    credentials: BackstageCredentials,
  ): Promise<CostForecast> {
    const request = await this.#readable(account, credentials);
    const now = Date.now();
    const byDay = await queryDailyCosts(this.#ledger, {
      ...request,
      from: (Math.floor(now / DAY_MS) - LOOK_BACK_DAYS) * DAY_MS,
      to: endOfDay(now),
    });
    // Beside a part of the calls a budget of all of them would say nothing.
    const budgetNanoUsd = request.among
      ? undefined
      : await this.#monthlyBudget(account, credentials);
    return {
      ...forecastOfMonth({ now, byDay }),
      visible: request.among ? 'own' : 'all',
      ...(budgetNanoUsd !== undefined && { budgetNanoUsd }),
    };
  }

  /** Lines of a FOCUS 1.2 file; what is wrong with the question is told before. */
  async focus(
    query: CostAccount & CostPeriod & { granularity?: 'day' | 'hour' },
    credentials: BackstageCredentials,
  ): Promise<{ name: string; lines: AsyncGenerator<string> }> {
    const {
      from: _from,
      to: _to,
      granularity = 'day',
      ...account
    } = await this.#readable(query, credentials);
    const period = readPeriod(query, Date.now());
    const most = MAX_EXPORT_DAYS[granularity];
    if (period.to - period.from > most * DAY_MS) {
      throw new InputError(
        `An export by ${granularity} covers at most ${most} days; ask for less, and then for the rest.`,
      );
    }
    const request: FocusRequest = { ...account, ...period, granularity };
    const date = (at: number) => new Date(at).toISOString().slice(0, 10);
    return {
      name: `focus-${date(period.from)}-to-${date(period.to - 1)}.csv`,
      lines: focusLines(
        {
          ledger: this.#ledger,
          account: this.#account,
          withUsers: account.among === undefined,
          withKeys: await this.#keys.mayReadAny(credentials),
          priceOf: model => this.#prices.of(model),
        },
        request,
      ),
    };
  }

  /** The tightest monthly budget of exactly what is asked about. */
  async #monthlyBudget(
    account: CostAccount,
    credentials: BackstageCredentials,
  ): Promise<number | undefined> {
    const asked = Object.entries(account).filter(
      ([field, ref]) => ref !== undefined && field in SCOPES,
    ) as Array<[keyof CostAccount, string]>;
    if (asked.length > 1) {
      return undefined;
    }
    const [[field, ref] = []] = asked;
    try {
      const { items } = await this.#budgets.list(
        {
          scopeType: field ? SCOPES[field] : 'organisation',
          scopeRef: ref,
          limit: 100,
        },
        credentials,
      );
      const limits = items
        .filter(budget => budget.window === 'month')
        .map(budget => budget.limitNanoUsd);
      return limits.length > 0 ? Math.min(...limits) : undefined;
    } catch (error) {
      if (isError(error) && error.name === 'NotAllowedError') {
        return undefined;
      }
      throw error;
    }
  }

  /** Over the calls that the caller may see. What keys cost takes the right to see keys besides. */
  async #readable<
    T extends CostAccount & Partial<Pick<CostQuery, 'groupBy' | 'splitBy'>>,
  >(
    query: T,
    credentials: BackstageCredentials,
  ): Promise<T & { among: VisibleCalls }> {
    const request = await this.#calls.narrowed(readAccount(query), credentials);
    if (
      query.keyId !== undefined ||
      query.groupBy === 'key' ||
      query.splitBy === 'key'
    ) {
      await this.#keys.mayReadCostsOf(query.keyId, credentials);
    }
    return request;
  }
}
