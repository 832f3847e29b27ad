import type { Account } from '@agentportal/model-gateway';
import { type Budget, scopeKey, scopesOf } from './budget';

/**
 * How long a process may not know of a budget that another one made. Limits are
 * read with every hold, so a changed limit holds at once everywhere.
 */
const FRESH_MS = 3_000;

/**
 * The budgets in memory by scope, so that a call finds those that apply in as
 * many steps as it has scopes, however many budgets there are.
 */
export class BudgetDirectory {
  readonly #load: () => Promise<Budget[]>;
  #byScope: ReadonlyMap<string, Budget[]> = new Map();
  #byId: ReadonlyMap<string, Budget> = new Map();
  #loadedAt = -Infinity;
  #loading?: Promise<void>;

  constructor(load: () => Promise<Budget[]>) {
    this.#load = load;
  }

  /** The budgets that apply to a call, in the order of their ids. */
  applying(account: Account, model: string): Budget[] {
    return scopesOf(account, model)
      .flatMap(scope => this.#byScope.get(scopeKey(scope)) ?? [])
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  get(id: string): Budget | undefined {
    return this.#byId.get(id);
  }

  /** Resolves at once while what is known is fresh; rejects when it cannot be read. */
  fresh(): Promise<void> | undefined {
    return performance.now() - this.#loadedAt < FRESH_MS
      ? undefined
      : this.refresh();
  }

  /** Reads the budgets after a change; what began to be read before is too old. */
  async afterChange(): Promise<void> {
    await this.#loading?.catch(() => {});
    await this.refresh();
  }

  /** Reads the budgets again; several who ask at once share one reading. */
  refresh(): Promise<void> {
    this.#loading ??= this.#read().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #read(): Promise<void> {
    const startedAt = performance.now();
    const budgets = await this.#load();
    const byScope = new Map<string, Budget[]>();
    for (const budget of budgets) {
      const key = scopeKey(budget.scope);
      byScope.set(key, [...(byScope.get(key) ?? []), budget]);
    }
    this.#byScope = byScope;
    this.#byId = new Map(budgets.map(budget => [budget.id, budget]));
    this.#loadedAt = startedAt;
  }
}
