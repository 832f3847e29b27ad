import type { Account } from '@agentportal/model-gateway';
import type { RateLimit } from '../rateLimits/rateLimit';
import {
  type Budget,
  type BudgetScope,
  type BudgetScopeType,
  scopeRefOf,
} from './budget';
import { byId, JoinedLists } from './JoinedLists';

/** How long a process may not know of a limit that another one made. */
const FRESH_MS = 3_000;

const NONE: readonly never[] = [];

/**
 * Limits in memory by scope, so that a call finds those that apply in as many
 * steps as it has scopes, however many limits there are.
 */
export class ScopeDirectory<T extends { id: string; scope: BudgetScope }> {
  readonly #load: () => Promise<T[]>;
  readonly #versionOf: () => Promise<string>;
  /** Only of the types that there are limits of. */
  #byScope: ReadonlyMap<BudgetScopeType, Map<string, T[]>> = new Map();
  #byId: ReadonlyMap<string, T> = new Map();
  #joined = new JoinedLists<T>();
  #loadedAt = -Infinity;
  #version?: string;
  #loading?: Promise<void>;

  /**
   * @param versionOf - what differs after every change, so that all is read again
   * only then
   */
  constructor(load: () => Promise<T[]>, versionOf: () => Promise<string>) {
    this.#load = load;
    this.#versionOf = versionOf;
  }

  /**
   * Those that apply to a call, in the order of their ids. Until the limits
   * change, calls that meet the same ones get the same list.
   */
  applying(account: Account, model: string): readonly T[] {
    let found: readonly T[] = NONE;
    for (const [type, limits] of this.#byScope) {
      const ref = scopeRefOf(type, account, model);
      const here = ref === undefined ? undefined : limits.get(ref);
      if (here) {
        found = found === NONE ? here : this.#joined.of(found, here);
      }
    }
    return found;
  }

  /** Those of one scope. */
  ofScope(type: BudgetScopeType, ref: string): readonly T[] {
    return this.#byScope.get(type)?.get(ref) ?? NONE;
  }

  /** Whether any applies to a call. */
  applies(account: Account, model: string): boolean {
    for (const [type, limits] of this.#byScope) {
      const ref = scopeRefOf(type, account, model);
      if (ref !== undefined && limits.has(ref)) {
        return true;
      }
    }
    return false;
  }

  get(id: string): T | undefined {
    return this.#byId.get(id);
  }

  /** Resolves at once while what is known is fresh; rejects when it cannot be read. */
  fresh(): Promise<void> | undefined {
    return performance.now() - this.#loadedAt < FRESH_MS
      ? undefined
      : this.refresh();
  }

  /** Reads all again after a change; what began to be read before is too old. */
  async afterChange(): Promise<void> {
    await this.#loading?.catch(() => {});
    await this.refresh();
  }

  /** Reads all again; several who ask at once share one reading. */
  refresh(): Promise<void> {
    this.#loading ??= this.#read().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #read(): Promise<void> {
    const startedAt = performance.now();
    const version = await this.#versionOf();
    if (version === this.#version) {
      this.#loadedAt = startedAt;
      return;
    }
    const all = await this.#load();
    const byScope = new Map<BudgetScopeType, Map<string, T[]>>();
    for (const one of all) {
      const { ref, type } = one.scope;
      const ofType = byScope.get(type) ?? new Map<string, T[]>();
      byScope.set(type, ofType);
      ofType.set(ref, [...(ofType.get(ref) ?? []), one]);
    }
    for (const ofType of byScope.values()) {
      ofType.forEach(limits => limits.sort(byId));
    }
    this.#byScope = byScope;
    this.#joined = new JoinedLists();
    this.#byId = new Map(all.map(one => [one.id, one]));
    this.#version = version;
    this.#loadedAt = startedAt;
  }
}

/**
 * The budgets in memory. A new one is known everywhere after seconds; limits are
 * read with every hold, so a changed limit holds at once.
 */
export type BudgetDirectory = ScopeDirectory<Budget>;

/** The rate limits in memory; what changes is known everywhere after seconds. */
export type RateLimitDirectory = ScopeDirectory<RateLimit>;
