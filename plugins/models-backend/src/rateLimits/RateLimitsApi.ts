import { decodeCursor } from '@agentportal/plugin-agents-node';
import type { ModelDirectory } from '@agentportal/model-gateway';
import {
  budgetReadPermission,
  budgetWritePermission,
  type ModelsPage,
  type NewRateLimit,
  type RateLimitSummary,
  type RateLimitUpdate,
} from '@agentportal/plugin-models-common';
import type {
  AuditorService,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';
import { InputError, NotAllowedError, NotFoundError } from '@backstage/errors';
import type { Knex } from 'knex';
import { z } from 'zod/v4';
import type { BudgetDecisions } from '../access/createBudgetAccess';
import { audited } from '../api/audited';
import { mayNot, nameOf } from '../api/caller';
import { DEFAULT_LIMIT, toPage } from '../api/page';
import type { BudgetScope } from '../budgets/budget';
import type { BudgetOwners } from '../budgets/BudgetOwners';
import { readScope, readScopeRef } from '../budgets/readScope';
import type { RateLimit, RateMeasure } from './rateLimit';
import { amountOf, type RateLimitStore } from './RateLimitStore';
import { rateUsage } from './rateUsage';

const afterId = z.object({ after: z.string() });

/**
 * Rate limits for HTTP and for actions. They limit scopes as budgets do, so the
 * permissions on budgets decide about them.
 */
export class RateLimitsApi {
  readonly #options: {
    db: Knex;
    store: RateLimitStore;
    directory: { afterChange(): Promise<void> };
    models: Pick<ModelDirectory, 'model' | 'resolve'>;
    owners: BudgetOwners;
    decisions: BudgetDecisions;
    auditor: AuditorService;
  };

  constructor(options: {
    db: Knex;
    store: RateLimitStore;
    directory: { afterChange(): Promise<void> };
    models: Pick<ModelDirectory, 'model' | 'resolve'>;
    owners: BudgetOwners;
    decisions: BudgetDecisions;
    auditor: AuditorService;
  }) {
    this.#options = options;
  }

  async list(
    query: {
      scopeType?: BudgetScope['type'];
      scopeRef?: string;
      limit?: number;
      cursor?: string;
    },
    credentials: BackstageCredentials,
  ): Promise<ModelsPage<RateLimitSummary>> {
    const { decisions, store } = this.#options;
    const reading = await decisions.allower(budgetReadPermission, credentials);
    if (reading.never) {
      throw mayNot('see rate limits', budgetReadPermission.name);
    }
    const after = decodeCursor(query.cursor, afterId)?.after ?? '';
    const limit = query.limit ?? DEFAULT_LIMIT;
    const scopeRef = readScopeRef(query);
    const found: RateLimit[] = [];
    for (const each of await store.list()) {
      const wanted =
        each.id > after &&
        (!query.scopeType || each.scope.type === query.scopeType) &&
        (!scopeRef || each.scope.ref === scopeRef);
      if (wanted && (await reading.allows({ scope: each.scope }))) {
        found.push(each);
        if (found.length > limit) {
          break;
        }
      }
    }
    const page = toPage(found, limit, ({ id }) => ({ after: id }));
    return {
      ...page,
      items: await this.#summaries(page.items, credentials),
    };
  }

  async create(
    input: NewRateLimit,
    credentials: BackstageCredentials,
  ): Promise<RateLimitSummary> {
    const { directory, models, owners, store } = this.#options;
    const { burst, limit: amount, measure } = input;
    const scope = readScope(input.scope, models);
    const terms = { scope, measure, amount, burst };
    return this.#audited('rate-limit-create', terms, credentials, async () => {
      noBurstAtOnce(measure, burst);
      await this.#mayWrite(scope, credentials);
      // What cannot be looked up is not stored.
      await owners.ownersOf(scope);
      const created = await store.create(terms, 'api', nameOf(credentials));
      await directory.afterChange();
      return this.#summary(created, credentials);
    });
  }

  async update(
    id: string,
    input: RateLimitUpdate,
    credentials: BackstageCredentials,
  ): Promise<RateLimitSummary> {
    const { directory, store } = this.#options;
    const limit = await this.#readable(id, credentials);
    const terms = { amount: input.limit, burst: input.burst };
    return this.#audited(
      'rate-limit-update',
      { id, ...terms },
      credentials,
      async () => {
        noBurstAtOnce(limit.measure, input.burst);
        await this.#mayChange(limit, credentials);
        const changed = await store.update(id, terms, nameOf(credentials));
        await directory.afterChange();
        return this.#summary(changed, credentials);
      },
    );
  }

  async delete(id: string, credentials: BackstageCredentials): Promise<void> {
    const { directory, store } = this.#options;
    const limit = await this.#readable(id, credentials);
    await this.#audited('rate-limit-delete', { id }, credentials, async () => {
      await this.#mayChange(limit, credentials);
      await store.delete(id);
      await directory.afterChange();
    });
  }

  async #readable(
    id: string,
    credentials: BackstageCredentials,
  ): Promise<RateLimit> {
    const { decisions, store } = this.#options;
    const limit = await store.get(id);
    const reading = await decisions.allower(budgetReadPermission, credentials);
    if (!(await reading.allows({ scope: limit.scope }))) {
      // What one may not see is not there.
      throw new NotFoundError(
        `There is no rate limit ${id}; the list of rate limits has all ids.`,
      );
    }
    return limit;
  }

  async #mayChange(
    limit: RateLimit,
    credentials: BackstageCredentials,
  ): Promise<void> {
    if (limit.source !== 'api') {
      throw new NotAllowedError(
        'This rate limit is written in app-config; change it there.',
      );
    }
    await this.#mayWrite(limit.scope, credentials);
  }

  async #mayWrite(
    scope: BudgetScope,
    credentials: BackstageCredentials,
  ): Promise<void> {
    const writing = await this.#options.decisions.allower(
      budgetWritePermission,
      credentials,
    );
    if (!(await writing.allows({ scope }))) {
      throw mayNot(
        `limit how fast ${scope.type} ${scope.ref} calls models`,
        budgetWritePermission.name,
      );
    }
  }

  async #summary(
    limit: RateLimit,
    credentials: BackstageCredentials,
  ): Promise<RateLimitSummary> {
    const [summary] = await this.#summaries([limit], credentials);
    return summary;
  }

  async #summaries(
    limits: RateLimit[],
    credentials: BackstageCredentials,
  ): Promise<RateLimitSummary[]> {
    const { db, decisions, owners } = this.#options;
    const writing = await decisions.allower(budgetWritePermission, credentials);
    const usage = await rateUsage(db, limits, Date.now());
    return Promise.all(
      limits.map(async ({ limit: _, perMinute: __, ...limit }, at) => ({
        ...limit,
        limit: amountOf(limits[at]),
        createdAt: new Date(limit.createdAt).toISOString(),
        updatedAt: new Date(limit.updatedAt).toISOString(),
        ownerRefs: await owners.knownOwnersOf(limit.scope),
        editable:
          limit.source === 'api' &&
          (await writing.allows({ scope: limit.scope })),
        usage: usage.get(limit.id)!,
      })),
    );
  }

  #audited<T>(
    eventId: string,
    terms: object,
    credentials: BackstageCredentials,
    change: () => Promise<T>,
  ): Promise<T> {
    const { auditor } = this.#options;
    return audited(auditor, { eventId, terms, credentials }, change);
  }
}

function noBurstAtOnce(measure: RateMeasure, burst: number | undefined): void {
  if (measure === 'parallel' && burst !== undefined) {
    throw new InputError(
      'A limit on parallel calls has no `burst`; leave it out.',
    );
  }
}
