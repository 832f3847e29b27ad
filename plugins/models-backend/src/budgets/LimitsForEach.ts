import type { Account } from '@agentportal/model-gateway';
import { type BudgetScopeType, scopeRefOf } from './budget';

/** Scopes of which each may have a limit by one entry of app-config, without its `ref`. */
const EACH = ['user', 'key', 'agent', 'owner'] as const;

export type EachType = (typeof EACH)[number];

/** Whether an entry of app-config is for each scope of its type. */
export function isForEach(scope: {
  type: BudgetScopeType;
  ref?: string;
}): scope is { type: EachType } {
  return scope.ref === undefined && EACH.some(type => type === scope.type);
}

/** A limit that each scope of a type has. */
export interface LimitForEach {
  type: EachType;
  isThere(ref: string): boolean;
  make(ref: string): Promise<void>;
}

/**
 * Makes the limits that each person, key, agent or owner has when they call for
 * the first time. From then on they are limits as all others are.
 */
export class LimitsForEach {
  readonly #limits: readonly LimitForEach[];
  readonly #afterChange: () => Promise<void>;
  /** By what is made: all who begin at once wait for the same. */
  readonly #making = new Map<string, Promise<void>>();

  /** @param afterChange - makes known what was made */
  constructor(
    limits: readonly LimitForEach[],
    afterChange: () => Promise<void>,
  ) {
    this.#limits = limits;
    this.#afterChange = afterChange;
  }

  /** Takes no time when there is nothing to make. */
  ensure(account: Account): Promise<void> | undefined {
    const missing = this.#limits.flatMap((limit, index) => {
      const ref = scopeRefOf(limit.type, account, '');
      return ref === undefined || limit.isThere(ref)
        ? []
        : [{ limit, index, ref }];
    });
    if (missing.length === 0) {
      return undefined;
    }
    const key = missing.map(({ index, ref }) => `${index} ${ref}`).join(' ');
    const making =
      this.#making.get(key) ??
      this.#make(missing).finally(() => this.#making.delete(key));
    this.#making.set(key, making);
    return making;
  }

  async #make(
    missing: Array<{ limit: LimitForEach; ref: string }>,
  ): Promise<void> {
    for (const { limit, ref } of missing) {
      await limit.make(ref);
    }
    await this.#afterChange();
  }
}
