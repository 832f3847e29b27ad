import type { ModelDirectory } from '@agentportal/model-gateway';
import type { Knex } from 'knex';
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
}

/** Makes the rate limits of app-config what is written there, and reads them all. */
export async function createRateLimits(options: {
  db: Knex;
  config: ModelsConfig['rateLimits'];
  models: Pick<ModelDirectory, 'model' | 'resolve'>;
}): Promise<RateLimits> {
  const { config, db, models } = options;
  const store = new RateLimitStore(db);
  await store.sync(
    config.flatMap(({ scope, ...rates }, index) =>
      limitsOf(readScope(scope, models), rates).map(terms => ({
        ...terms,
        by: `models.rateLimits[${index}]`,
      })),
    ),
  );
  const directory = new ScopeDirectory(
    () => store.list(),
    () => store.version(),
  );
  await directory.refresh();
  return { store, directory };
}
