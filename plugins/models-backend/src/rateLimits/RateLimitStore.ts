import { randomBytes } from 'node:crypto';
import { ConflictError, NotFoundError } from '@backstage/errors';
import type { Knex } from 'knex';
import {
  type BudgetScope,
  type BudgetScopeType,
  type BudgetSource,
  scopeKey,
} from '../budgets/budget';
import type { RateLimit, RateMeasure } from './rateLimit';

const RATE_LIMITS = 'model_rate_limits';
const COUNTERS = 'model_rate_counters';
const VERSION = 'model_rate_limit_version';

/** What a rate limit says, apart from who wrote it and when. */
export interface RateTerms {
  scope: BudgetScope;
  measure: RateMeasure;
  /** Per minute, or at once for `parallel`. */
  amount: number;
  /** How much may come at once after a quiet time; not for `parallel`. */
  burst?: number;
}

/** How fast every scope of a type may call. */
export interface RatesOfEach extends Omit<RateTerms, 'scope'> {
  type: BudgetScopeType;
}

type Moment = number | string;

interface Row {
  id: string;
  scope_type: BudgetScopeType;
  scope_ref: string;
  measure: RateMeasure;
  per_minute: Moment | null;
  burst: Moment | null;
  at_once: Moment | null;
  source: BudgetSource;
  created_at: Moment;
  created_by: string;
  updated_at: Moment;
  updated_by: string;
}

/** Keeps how fast scopes may call models. */
export class RateLimitStore {
  readonly #db: Knex;

  constructor(db: Knex) {
    this.#db = db;
  }

  /** All rate limits there are, in the order of their ids. */
  async list(): Promise<RateLimit[]> {
    const rows: Row[] = await this.#db(RATE_LIMITS).orderBy('id');
    return rows.map(toRateLimit);
  }

  /** Differs after every change, so that few read all limits again. */
  async version(): Promise<string> {
    const row = await this.#db(VERSION).first('version').where({ id: 1 });
    return String(row?.version);
  }

  async get(id: string): Promise<RateLimit> {
    return found(id, await this.#db(RATE_LIMITS).where({ id }).first());
  }

  async create(
    terms: RateTerms,
    source: BudgetSource,
    by: string,
  ): Promise<RateLimit> {
    const now = Date.now();
    const row: Row = {
      // Ids sort by time, so lists keep their order.
      id: `${now.toString(36).padStart(9, '0')}${randomBytes(6).toString(
        'hex',
      )}`,
      scope_type: terms.scope.type,
      scope_ref: terms.scope.ref,
      measure: terms.measure,
      ...amounts(terms.measure, terms),
      source,
      created_at: now,
      created_by: by,
      updated_at: now,
      updated_by: by,
    };
    await this.#change(async trx => {
      const [inserted] = await trx(RATE_LIMITS)
        .insert(row)
        .onConflict()
        .ignore()
        .returning('id');
      if (!inserted) {
        const { scope, measure } = terms;
        throw new ConflictError(
          `${scope.type} ${scope.ref} has a limit on ${measure} already; change that one.`,
        );
      }
      await trx(COUNTERS)
        .insert({ limit_id: row.id })
        .onConflict('limit_id')
        .ignore();
    });
    return toRateLimit(row);
  }

  /** Without a burst, the usual one applies. */
  async update(
    id: string,
    terms: Pick<RateTerms, 'amount' | 'burst'>,
    by: string,
  ): Promise<RateLimit> {
    const { measure } = await this.get(id);
    await this.#change(trx =>
      trx(RATE_LIMITS)
        .where({ id })
        .update({
          ...amounts(measure, terms),
          updated_at: Date.now(),
          updated_by: by,
        }),
    );
    return this.get(id);
  }

  /**
   * Takes a limit away. Its counter stays: other processes know of the limit for
   * some seconds yet, and calls under way have still to be counted out.
   */
  async delete(id: string): Promise<void> {
    const count = await this.#change(trx =>
      trx(RATE_LIMITS).where({ id }).delete(),
    );
    if (count === 0) {
      throw new NotFoundError(`There is no rate limit ${id} any more.`);
    }
  }

  /**
   * Makes the limits of configuration what is written there.
   *
   * @param each - what every scope of a type has that has such a limit at all
   */
  async sync(
    wanted: Array<RateTerms & { by: string }>,
    each: Array<RatesOfEach & { by: string }> = [],
  ): Promise<void> {
    const keyOf = (terms: Pick<RateTerms, 'scope' | 'measure'>) =>
      `${scopeKey(terms.scope)} ${terms.measure}`;
    const there = new Map(
      (await this.list())
        .filter(limit => limit.source === 'config')
        .map(limit => [keyOf(limit), limit]),
    );
    for (const { by, ...terms } of wanted) {
      const limit = there.get(keyOf(terms));
      there.delete(keyOf(terms));
      if (!limit) {
        await this.ensure(terms, by);
      } else if (!sameTerms(limit, terms)) {
        await this.update(limit.id, terms, by);
      }
    }
    for (const limit of there.values()) {
      const usual = each.find(
        ({ measure, type }) =>
          type === limit.scope.type && measure === limit.measure,
      );
      if (usual) {
        if (!sameTerms(limit, usual)) {
          await this.update(limit.id, usual, usual.by);
        }
        continue;
      }
      await this.#change(trx =>
        trx(RATE_LIMITS).where({ id: limit.id }).delete(),
      );
    }
  }

  /**
   * The version goes first: its row makes writers queue, so it never moves past a
   * change that is not there to be read yet.
   */
  async #change<T>(
    work: (trx: Knex.Transaction) => PromiseLike<T>,
  ): Promise<T> {
    return this.#db.transaction(async trx => {
      await trx(VERSION).where({ id: 1 }).increment('version');
      return work(trx);
    });
  }

  /** Of several processes that make it at once, the first has written it. */
  async ensure(terms: RateTerms, by: string): Promise<void> {
    try {
      await this.create(terms, 'config', by);
    } catch (error) {
      if (!(error instanceof ConflictError)) {
        throw error;
      }
    }
  }
}

/** What a rate limit lets through: per minute, or at once. */
export function amountOf(limit: RateLimit): number {
  return (limit.measure === 'parallel' ? limit.limit : limit.perMinute) ?? 0;
}

function sameTerms(
  limit: RateLimit,
  { amount, burst }: Pick<RateTerms, 'amount' | 'burst'>,
): boolean {
  return amountOf(limit) === amount && limit.burst === burst;
}

function amounts(
  measure: RateMeasure,
  terms: Pick<RateTerms, 'amount' | 'burst'>,
): Pick<Row, 'per_minute' | 'burst' | 'at_once'> {
  return measure === 'parallel'
    ? { per_minute: null, burst: null, at_once: terms.amount }
    : { per_minute: terms.amount, burst: terms.burst ?? null, at_once: null };
}

function found(id: string, row: Row | undefined): RateLimit {
  if (!row) {
    throw new NotFoundError(
      `There is no rate limit ${id}; the list of rate limits has all ids.`,
    );
  }
  return toRateLimit(row);
}

function toRateLimit(row: Row): RateLimit {
  const amount = (value: Moment | null) =>
    value === null ? undefined : Number(value);
  return {
    id: row.id,
    scope: { type: row.scope_type, ref: row.scope_ref },
    measure: row.measure,
    perMinute: amount(row.per_minute),
    limit: amount(row.at_once),
    burst: amount(row.burst),
    source: row.source,
    createdAt: Number(row.created_at),
    createdBy: row.created_by,
    updatedAt: Number(row.updated_at),
    updatedBy: row.updated_by,
  };
}
