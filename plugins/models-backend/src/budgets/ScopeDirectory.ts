import type { Account } from '@agentportal/model-gateway';
import { type BudgetScope, type BudgetScopeType, scopeRefOf } from './budget';

/** How long a process may not know of a limit that another one made. */
const FRESH_MS = 3_000;

/**
 * Limits in memory by scope, so that a call finds those that apply in as many
 * steps as it has scopes, however many limits there are.
 */
export class ScopeDirectory<T extends { id: string; scope: BudgetScope }> {
  readonly #load: () => Promise<T[]>;
  readonly #versionOf?: () => Promise<string>;
  /** Only of the types that there are limits of. */
  #byScope: ReadonlyMap<BudgetScopeType, Map<string, T[]>> = new Map();
  #byId: ReadonlyMap<string, T> = new Map();
  #loadedAt = -Infinity;
  #version?: string;
  #loading?: Promise<void>;

  /**
   * @param versionOf - what differs after every change; without it, all is read
   * again every few seconds
   */
  constructor(load: () => Promise<T[]>, versionOf?: () => Promise<string>) {
    this.#load = load;
    this.#versionOf = versionOf;
  }

  /** Those that apply to a call, in the order of their ids. */
  applying(account: Account, model: string): T[] {
    let found: T[] | undefined;
    for (const [type, limits] of this.#byScope) {
      const ref = scopeRefOf(type, account, model);
      const here = ref === undefined ? undefined : limits.get(ref);
      if (here) {
        found = found ? [...found, ...here] : here;
      }
    }
    return found ? byId(found) : [];
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
    const version = await this.#versionOf?.();
    if (version !== undefined && version === this.#version) {
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
    this.#byScope = byScope;
    this.#byId = new Map(all.map(one => [one.id, one]));
    this.#version = version;
    this.#loadedAt = startedAt;
  }
}

function byId<T extends { id: string }>(limits: T[]): T[] {
  return limits.length === 1
    ? limits
    : [...limits].sort((a, b) => (a.id < b.id ? -1 : 1));
}
