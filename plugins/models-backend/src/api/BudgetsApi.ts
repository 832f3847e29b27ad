import { decodeCursor } from '@agentportal/plugin-agents-node';
import {
  type BudgetChange,
  type BudgetCheck,
  budgetReadPermission,
  type BudgetSummary,
  type BudgetUpdate,
  budgetWritePermission,
  type ModelsPage,
  type NewBudget,
} from '@agentportal/plugin-models-common';
import type { ModelDirectory } from '@agentportal/model-gateway';
import type {
  AuditorService,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';
import { NotAllowedError, NotFoundError } from '@backstage/errors';
import type { Knex } from 'knex';
import { z } from 'zod/v4';
import type { BudgetDecisions } from '../access/createBudgetAccess';
import { ascending, type Budget, type BudgetScope } from '../budgets/budget';
import type { BudgetDirectory } from '../budgets/ScopeDirectory';
import type { BudgetOwners } from '../budgets/BudgetOwners';
import type { BudgetStore } from '../budgets/BudgetStore';
import { readScope, readScopeRef } from '../budgets/readScope';
import { verifyBudgets } from '../budgets/verifyBudgets';
import { toBudgetChange, toBudgetCheck, toBudgetSummary } from './budgetJson';
import { usageOfMany } from './budgetUsage';
import { audited } from './audited';
import { mayNot, nameOf } from './caller';
import { DEFAULT_LIMIT, toPage } from './page';
import { type BudgetsQuery, pageOfBudgets } from './pageOfBudgets';
import { visibleCheck } from './visibleCheck';

const beforeChange = z.object({ before: z.number().int() });

interface PageRequest {
  limit?: number;
  cursor?: string;
}

/** Budgets for HTTP and for actions, with permissions and an audit trail. */
export class BudgetsApi {
  readonly #db: Knex;
  readonly #store: BudgetStore;
  readonly #budgets: BudgetDirectory;
  readonly #owners: BudgetOwners;
  readonly #decisions: BudgetDecisions;
  readonly #directory: ModelDirectory;
  readonly #auditor: AuditorService;

  constructor(options: {
    db: Knex;
    store: BudgetStore;
    budgets: BudgetDirectory;
    owners: BudgetOwners;
    decisions: BudgetDecisions;
    directory: ModelDirectory;
    auditor: AuditorService;
  }) {
    this.#db = options.db;
    this.#store = options.store;
    this.#budgets = options.budgets;
    this.#owners = options.owners;
    this.#decisions = options.decisions;
    this.#directory = options.directory;
    this.#auditor = options.auditor;
  }

  async list(
    query: BudgetsQuery,
    credentials: BackstageCredentials,
  ): Promise<ModelsPage<BudgetSummary> & { mayCreate: boolean }> {
    const reading = await this.#reader(credentials);
    const asked = { ...query, scopeRef: readScopeRef(query) };
    const { items, nextCursor } = await pageOfBudgets(
      await this.#store.list(),
      asked,
      {
        allows: reading.allows,
        usageOf: budgets => usageOfMany(this.#db, budgets),
      },
    );
    return {
      items: await this.#summaries(items, credentials),
      mayCreate: await this.#mayCreate(asked, credentials),
      ...(nextCursor && { nextCursor }),
    };
  }

  async get(
    id: string,
    credentials: BackstageCredentials,
  ): Promise<BudgetSummary> {
    const budget = await this.#readable(id, credentials);
    const [summary] = await this.#summaries([budget], credentials);
    return summary;
  }

  async create(
    input: NewBudget,
    credentials: BackstageCredentials,
  ): Promise<BudgetSummary> {
    const scope = readScope(input.scope, this.#directory);
    const terms = {
      scope,
      window: input.window,
      limitNanoUsd: input.limitNanoUsd,
      softThresholds: ascending(input.softThresholds),
    };
    return this.#audited(
      'budget-create',
      { ...terms },
      credentials,
      async () => {
        await this.#mayWrite({ scope }, credentials);
        // What cannot be looked up is not stored.
        await this.#owners.ownersOf(scope);
        const budget = await this.#store.create(
          terms,
          'api',
          nameOf(credentials),
        );
        await this.#budgets.afterChange();
        return this.get(budget.id, credentials);
      },
    );
  }

  async update(
    id: string,
    input: BudgetUpdate,
    credentials: BackstageCredentials,
  ): Promise<BudgetSummary> {
    const budget = await this.#readable(id, credentials);
    const terms = {
      limitNanoUsd: input.limitNanoUsd,
      softThresholds: input.softThresholds
        ? ascending(input.softThresholds)
        : budget.softThresholds,
    };
    return this.#audited(
      'budget-update',
      { id, ...terms },
      credentials,
      async () => {
        await this.#mayChange(budget, credentials);
        await this.#store.update(id, terms, nameOf(credentials));
        await this.#budgets.afterChange();
        return this.get(id, credentials);
      },
    );
  }

  async delete(id: string, credentials: BackstageCredentials): Promise<void> {
    const budget = await this.#readable(id, credentials);
    await this.#audited('budget-delete', { id }, credentials, async () => {
      await this.#mayChange(budget, credentials);
      await this.#store.delete(id, nameOf(credentials));
      await this.#budgets.afterChange();
    });
  }

  async history(
    id: string,
    query: PageRequest,
    credentials: BackstageCredentials,
  ): Promise<ModelsPage<BudgetChange>> {
    await this.#readable(id, credentials);
    const limit = query.limit ?? DEFAULT_LIMIT;
    const changes = await this.#store.history(id, {
      limit: limit + 1,
      before: decodeCursor(query.cursor, beforeChange)?.before,
    });
    const page = toPage(changes, limit, ({ id: before }) => ({ before }));
    return { ...page, items: page.items.map(toBudgetChange) };
  }

  async check(credentials: BackstageCredentials): Promise<BudgetCheck> {
    const { allows } = await this.#reader(credentials);
    const check = await verifyBudgets(this.#db);
    return toBudgetCheck(
      await visibleCheck(check, await this.#store.list(), allows),
    );
  }

  async #reader(credentials: BackstageCredentials) {
    const reading = await this.#decisions.allower(
      budgetReadPermission,
      credentials,
    );
    if (reading.never) {
      throw mayNot('see budgets', budgetReadPermission.name);
    }
    return reading;
  }

  async #readable(
    id: string,
    credentials: BackstageCredentials,
  ): Promise<Budget> {
    const budget = await this.#store.get(id);
    const reading = await this.#decisions.allower(
      budgetReadPermission,
      credentials,
    );
    if (!(await reading.allows(budget))) {
      // What one may not see is not there.
      throw new NotFoundError(
        `There is no budget ${id}; the list of budgets has all ids.`,
      );
    }
    return budget;
  }

  async #mayChange(
    budget: Budget,
    credentials: BackstageCredentials,
  ): Promise<void> {
    if (budget.source !== 'api') {
      throw new NotAllowedError(
        `This budget is written in ${
          budget.source === 'config' ? 'app-config' : budget.createdBy
        }; change it there.`,
      );
    }
    await this.#mayWrite(budget, credentials);
  }

  async #mayWrite(
    budget: { id?: string; scope: BudgetScope },
    credentials: BackstageCredentials,
  ): Promise<void> {
    const writing = await this.#decisions.allower(
      budgetWritePermission,
      credentials,
    );
    if (!(await writing.allows(budget))) {
      throw mayNot(
        `set the budget of ${budget.scope.type} ${budget.scope.ref}`,
        budgetWritePermission.name,
      );
    }
  }

  /** Of the scope that is asked about, or of any. */
  async #mayCreate(
    { scopeType, scopeRef }: BudgetsQuery,
    credentials: BackstageCredentials,
  ): Promise<boolean> {
    const writing = await this.#decisions.allower(
      budgetWritePermission,
      credentials,
    );
    return scopeType && scopeRef
      ? writing.allows({ scope: { type: scopeType, ref: scopeRef } })
      : !writing.never;
  }

  async #summaries(
    budgets: Budget[],
    credentials: BackstageCredentials,
  ): Promise<BudgetSummary[]> {
    const writing = await this.#decisions.allower(
      budgetWritePermission,
      credentials,
    );
    const usage = await usageOfMany(this.#db, budgets);
    return Promise.all(
      budgets.map(async budget => {
        return toBudgetSummary(budget, {
          ownerRefs: await this.#owners.knownOwnersOf(budget.scope),
          usage: usage.get(budget.id)!,
          editable: budget.source === 'api' && (await writing.allows(budget)),
        });
      }),
    );
  }

  #audited<T>(
    eventId: string,
    terms: object,
    credentials: BackstageCredentials,
    change: () => Promise<T>,
  ): Promise<T> {
    return audited(this.#auditor, { eventId, terms, credentials }, change);
  }
}
