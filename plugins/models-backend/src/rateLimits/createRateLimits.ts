import type { ModelDirectory } from '@agentportal/model-gateway';
import type { Knex } from 'knex';
import {
  type EachType,
  isForEach,
  LimitsForEach,
} from '../budgets/LimitsForEach';
import { readScope } from '../budgets/readScope';
import type { ModelsConfig } from '../config/readModelsConfig';
import type { RateLimitDirectory } from '../budgets/ScopeDirectory';
import { ScopeDirectory } from '../budgets/ScopeDirectory';
import { RateLimitStore } from './RateLimitStore';
import { limitsOf } from './rates';

/** What keeps rate limits, and what calls find them in. */
export interface RateLimits {
  store: RateLimitStore;
  directory: RateLimitDirectory;
  /** Makes those that everybody has. */
  forEach: LimitsForEach;
}

/** Makes the rate limits of app-config what is written there, and reads them all. */
export async function createRateLimits(options: {
  db: Knex;
  config: ModelsConfig['rateLimits'];
  models: Pick<ModelDirectory, 'model' | 'resolve'>;
}): Promise<RateLimits> {
  const { config, db, models } = options;
  const store = new RateLimitStore(db);
  const entries = config.map(({ scope, ...rates }, index) => ({
    scope,
    rates,
    by: `models.rateLimits[${index}]`,
  }));
  const each = entries.flatMap(({ by, rates, scope }) =>
    isForEach(scope)
      ? limitsOf({ ...scope, ref: '' }, rates).map(
          ({ scope: { type }, ...terms }) => ({
            ...terms,
            type: type as EachType,
            by,
          }),
        )
      : [],
  );
  await store.sync(
    entries.flatMap(({ by, rates, scope }) =>
      isForEach(scope)
        ? []
        : limitsOf(readScope(scope, models), rates).map(terms => ({
            ...terms,
            by,
          })),
    ),
    each,
  );
  const directory = new ScopeDirectory(
    () => store.list(),
    () => store.version(),
  );
  await directory.refresh();
  const forEach = new LimitsForEach(
    each.map(({ by, type, ...terms }) => ({
      type,
      isThere: ref =>
        directory
          .ofScope(type, ref)
          .some(
            ({ measure, source }) =>
              source === 'config' && measure === terms.measure,
          ),
      make: ref => store.ensure({ ...terms, scope: { type, ref } }, by),
    })),
    () => directory.afterChange(),
  );
  return { store, directory, forEach };
}
