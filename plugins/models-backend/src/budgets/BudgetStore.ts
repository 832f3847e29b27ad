import { randomBytes } from 'node:crypto';
import { ConflictError, NotFoundError } from '@backstage/errors';
import type { Knex } from 'knex';
import {
  type Budget,
  type BudgetScope,
  type BudgetSource,
  type BudgetWindow,
  scopeKey,
} from './budget';
import { carriedSpend, carryOver } from './carriedSpend';
import { type BudgetRow, toBudget } from './rows';
import { BUDGETS, CHANGES, BUDGET_WINDOWS } from './tables';
import type { LedgerNames } from '../ledger/LedgerNames';
import { windowStart } from './windows';

/** What a budget says, apart from who wrote it and when. */
export interface BudgetTerms {
  scope: BudgetScope;
  window: BudgetWindow;
  limitNanoUsd: number;
  softThresholds: number[];
}

/** What every scope of a type may spend. */
export interface TermsOfEach extends Omit<BudgetTerms, 'scope'> {
  type: BudgetScope['type'];
}

/** A change of a budget, as its history keeps it. */
export interface BudgetChange {
  id: number;
  at: number;
  by: string;
  action: 'created' | 'updated' | 'deleted';
  before?: BudgetTerms;
  after?: BudgetTerms;
}

/** Keeps budgets and who changed them. */
export class BudgetStore {
  readonly #db: Knex;
  readonly #names: LedgerNames;

  constructor(options: { db: Knex; names: LedgerNames }) {
    this.#db = options.db;
    this.#names = options.names;
  }

  /** All budgets there are, in the order of their ids. */
  async list(): Promise<Budget[]> {
    const rows: BudgetRow[] = await this.#db(BUDGETS)
      .whereNull('deleted_at')
      .orderBy('id');
    return rows.map(toBudget);
  }

  /** Differs after every change; two may come in another order than they began. */
  async version(): Promise<string> {
    const [row] = await this.#db(CHANGES)
      .max({ last: 'id' })
      .count({ count: '*' });
    return `${row.last} ${row.count}`;
  }

  async get(id: string): Promise<Budget> {
    const row: BudgetRow | undefined = await this.#db(BUDGETS)
      .where({ id })
      .whereNull('deleted_at')
      .first();
    if (!row) {
      throw new NotFoundError(
        `There is no budget ${id}; the list of budgets has all ids.`,
      );
    }
    return toBudget(row);
  }

  /** What was spent in the window so far, before there was a budget, counts too. */
  async create(
    terms: BudgetTerms,
    source: BudgetSource,
    by: string,
  ): Promise<Budget> {
    const now = Date.now();
    const budget: Budget = {
      ...terms,
      // Ids sort by time, so lists keep their order.
      id: `${now.toString(36).padStart(9, '0')}${randomBytes(6).toString(
        'hex',
      )}`,
      source,
      createdAt: now,
      createdBy: by,
      updatedAt: now,
      updatedBy: by,
    };
    await this.#db.transaction(async trx => {
      await insertBudget(trx, budget);
      const start = windowStart(budget.window, now);
      const carried = await carriedSpend(trx, this.#names, budget, start);
      await trx(BUDGET_WINDOWS).insert({
        budget_id: budget.id,
        window_start: start,
        spent_nano_usd: carried,
        carried_nano_usd: carried,
      });
      await record(trx, { budget, at: now, by, action: 'created' });
    });
    return budget;
  }

  /**
   * Counts what calls cost that were under way when budgets were made, or began
   * where a new one was not known yet: they hold nothing on it.
   *
   * @param youngMs - how old a budget is at most of which there can be such calls
   */
  async countEarlierCalls(youngMs: number): Promise<void> {
    const rows: BudgetRow[] = await this.#db(BUDGETS)
      .where('created_at', '>=', Date.now() - youngMs)
      .whereNull('deleted_at')
      .orderBy('id');
    for (const budget of rows.map(toBudget)) {
      await this.#db.transaction(trx => carryOver(trx, this.#names, budget));
    }
  }

  async update(
    id: string,
    terms: Pick<BudgetTerms, 'limitNanoUsd' | 'softThresholds'>,
    by: string,
  ): Promise<Budget> {
    const at = Date.now();
    return this.#db.transaction(async trx => {
      const before = await lock(trx, id);
      const after: Budget = {
        ...before,
        ...terms,
        updatedAt: at,
        updatedBy: by,
      };
      await trx(BUDGETS)
        .where({ id })
        .update({
          limit_nano_usd: terms.limitNanoUsd,
          thresholds: JSON.stringify(terms.softThresholds),
          updated_at: at,
          updated_by: by,
        });
      // With another limit the same thresholds are other amounts.
      if (before.limitNanoUsd !== after.limitNanoUsd) {
        await trx(BUDGET_WINDOWS)
          .where({ budget_id: id })
          .update({ announced: 0 });
      }
      await record(trx, { budget: after, before, at, by, action: 'updated' });
      return after;
    });
  }

  async delete(id: string, by: string): Promise<void> {
    const at = Date.now();
    await this.#db.transaction(async trx => {
      const before = await lock(trx, id);
      await trx(BUDGETS)
        .where({ id })
        .update({ deleted_at: at, updated_at: at, updated_by: by });
      await record(trx, { budget: before, before, at, by, action: 'deleted' });
    });
  }

  /** The changes of a budget, the newest first; those of one that is gone too. */
  async history(
    id: string,
    page: { limit: number; before?: number },
  ): Promise<BudgetChange[]> {
    const query = this.#db(CHANGES)
      .where({ budget_id: id })
      .orderBy('id', 'desc')
      .limit(page.limit);
    if (page.before !== undefined) {
      query.where('id', '<', page.before);
    }
    const rows = await query;
    return rows.map(row => ({
      id: row.id,
      at: Number(row.at),
      by: row.by,
      action: row.action,
      before: row.before ? JSON.parse(row.before) : undefined,
      after: row.after ? JSON.parse(row.after) : undefined,
    }));
  }

  /**
   * Makes the budgets of a source what is written there. Several processes may
   * do so at once: the first to write a budget has written it.
   *
   * @param options - `keep`: scopes whose budget stays although it cannot be read now;
   *   `graceMs`: how long a budget stays that is not written there any more;
   *   `each`: what every scope of a type has that has a budget of this source at all
   */
  async sync(
    source: BudgetSource,
    wanted: Array<BudgetTerms & { by: string }>,
    options: {
      keep?: ReadonlySet<string>;
      graceMs?: number;
      each?: Array<TermsOfEach & { by: string }>;
    } = {},
  ): Promise<{ changed: number }> {
    const { each = [], graceMs = 0, keep } = options;
    const key = (terms: Pick<BudgetTerms, 'scope' | 'window'>) =>
      `${scopeKey(terms.scope)} ${terms.window}`;
    const found = new Map(
      (await this.list())
        .filter(budget => budget.source === source)
        .map(budget => [key(budget), budget]),
    );
    let changed = 0;
    for (const { by, ...terms } of wanted) {
      const budget = found.get(key(terms));
      found.delete(key(terms));
      if (!budget) {
        changed += await this.ensure(terms, source, by);
      } else if (!sameTerms(budget, terms)) {
        await this.update(budget.id, terms, by);
        changed += 1;
      }
    }
    for (const [name, budget] of found) {
      const usual = each.find(
        ({ type, window }) =>
          type === budget.scope.type && window === budget.window,
      );
      if (usual) {
        found.delete(name);
        if (!sameTerms(budget, usual)) {
          await this.update(budget.id, usual, usual.by);
          changed += 1;
        }
      }
    }
    const gone = [...found.values()].filter(
      ({ scope }) => !keep?.has(scopeKey(scope)),
    );
    const now = Date.now();
    const missingSince = await this.#noteMissing(
      source,
      new Set(gone.map(({ id }) => id)),
      now,
    );
    for (const { id } of gone) {
      if (graceMs === 0 || missingSince.get(id)! <= now - graceMs) {
        await this.delete(id, source);
        changed += 1;
      }
    }
    return { changed };
  }

  /**
   * Remembers since when budgets are not written where they come from.
   *
   * @returns since when, by the ids of those that are missing
   */
  async #noteMissing(
    source: BudgetSource,
    missing: ReadonlySet<string>,
    now: number,
  ): Promise<Map<string, number>> {
    const noted = await this.#db(BUDGETS)
      .where({ source })
      .whereNull('deleted_at')
      .whereNotNull('missing_since')
      .select('id', 'missing_since');
    const since = new Map<string, number>(
      noted.map(row => [row.id, Number(row.missing_since)]),
    );
    for (const id of since.keys()) {
      if (!missing.has(id)) {
        await this.#db(BUDGETS).where({ id }).update({ missing_since: null });
      }
    }
    for (const id of missing) {
      if (!since.has(id)) {
        await this.#db(BUDGETS).where({ id }).update({ missing_since: now });
        since.set(id, now);
      }
    }
    return since;
  }

  /** Makes a budget unless there is one; returns how many were made. */
  async ensure(
    terms: BudgetTerms,
    source: BudgetSource,
    by: string,
  ): Promise<number> {
    try {
      await this.create(terms, source, by);
      return 1;
    } catch (error) {
      if (error instanceof ConflictError) {
        return 0;
      }
      throw error;
    }
  }
}

async function insertBudget(trx: Knex, budget: Budget): Promise<void> {
  const [inserted] = await trx(BUDGETS)
    .insert({
      id: budget.id,
      scope_type: budget.scope.type,
      scope_ref: budget.scope.ref,
      period: budget.window,
      limit_nano_usd: budget.limitNanoUsd,
      thresholds: JSON.stringify(budget.softThresholds),
      source: budget.source,
      created_at: budget.createdAt,
      created_by: budget.createdBy,
      updated_at: budget.updatedAt,
      updated_by: budget.updatedBy,
    })
    .onConflict()
    .ignore()
    .returning('id');
  if (!inserted) {
    throw new ConflictError(
      `There is a budget for ${budget.scope.type} ${budget.scope.ref} per ${budget.window} already; change that one.`,
    );
  }
}

/** Reads a budget so that nobody else changes it before this transaction ends. */
async function lock(trx: Knex, id: string): Promise<Budget> {
  // A write first: SQLite could not turn a reader into a writer beside another.
  const count = await trx(BUDGETS)
    .where({ id })
    .whereNull('deleted_at')
    .update({ id });
  if (count === 0) {
    throw new NotFoundError(`There is no budget ${id} any more.`);
  }
  return toBudget((await trx(BUDGETS).where({ id }).first()) as BudgetRow);
}

async function record(
  trx: Knex,
  change: {
    budget: Budget;
    before?: Budget;
    at: number;
    by: string;
    action: BudgetChange['action'];
  },
): Promise<void> {
  const { action, at, before, budget, by } = change;
  const written = (value: Budget) => JSON.stringify(termsOf(value));
  await trx(CHANGES).insert({
    budget_id: budget.id,
    at,
    by,
    action,
    before: before ? written(before) : null,
    after: action === 'deleted' ? null : written(budget),
  });
}

function termsOf(budget: Budget): BudgetTerms {
  const { scope, window, limitNanoUsd, softThresholds } = budget;
  return { scope, window, limitNanoUsd, softThresholds };
}

function sameTerms(
  a: Pick<BudgetTerms, 'limitNanoUsd' | 'softThresholds'>,
  b: Pick<BudgetTerms, 'limitNanoUsd' | 'softThresholds'>,
): boolean {
  return (
    a.limitNanoUsd === b.limitNanoUsd &&
    a.softThresholds.join() === b.softThresholds.join()
  );
}
