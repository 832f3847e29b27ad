import type { ModelDirectory } from '@agentportal/model-gateway';
import type { CatalogTrust } from '@agentportal/plugin-agents-node';
import type {
  AuthService,
  LoggerService,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { ModelsConfig } from '../config/readModelsConfig';
import { DEFAULT_THRESHOLDS } from './budget';
import { readCatalogBudgets } from './codeBudgets';
import type { Budgets } from './createBudgets';
import { isForEach } from './LimitsForEach';
import { readScope } from './readScope';

/** An entity may be away while its location is broken or the catalog reads all anew. */
const MISSING_MS = 10 * 60_000;

function entriesOf(config: ModelsConfig['budgets']) {
  return config.map(
    ({ limitNanoUsd, scope, softThresholds, window }, index) => ({
      scope,
      window,
      limitNanoUsd,
      softThresholds: softThresholds ?? DEFAULT_THRESHOLDS,
      by: `models.budgets[${index}]`,
    }),
  );
}

/** The entries of app-config without a `ref`: what everybody may spend. */
export function budgetsForEach(config: ModelsConfig['budgets']) {
  return entriesOf(config).flatMap(({ scope, ...terms }) =>
    isForEach(scope) ? [{ ...terms, type: scope.type }] : [],
  );
}

/** Keeps budgets what code says, and holds and counters in order. */
export async function scheduleBudgets(options: {
  budgets: Budgets;
  config: ModelsConfig['budgets'];
  directory: ModelDirectory;
  catalog: CatalogService;
  auth: AuthService;
  trust: CatalogTrust;
  /** What people have approved of the budgets of agents. */
  approvedBudgets(): Promise<ReadonlyMap<string, string>>;
  logger: LoggerService;
  scheduler: SchedulerService;
}): Promise<void> {
  const { auth, budgets, catalog, directory, logger, scheduler } = options;

  await budgets.reconcile();
  await budgets.store.sync(
    'config',
    entriesOf(options.config).flatMap(({ scope, ...terms }) =>
      isForEach(scope)
        ? []
        : [{ ...terms, scope: readScope(scope, directory) }],
    ),
    { each: budgetsForEach(options.config) },
  );
  await budgets.directory.refresh();

  await scheduler.scheduleTask({
    id: 'reconcile-budget-holds',
    scope: 'local',
    frequency: { seconds: 30 },
    initialDelay: { seconds: 30 },
    timeout: { minutes: 1 },
    fn: async () => {
      await budgets.reconcile();
    },
  });
  // What a process that ended has not told, or could not tell.
  await scheduler.scheduleTask({
    id: 'announce-budgets',
    scope: 'local',
    frequency: { minutes: 1 },
    initialDelay: { seconds: 20 },
    timeout: { minutes: 5 },
    fn: () => budgets.announce(),
  });
  await scheduler.scheduleTask({
    id: 'count-calls-of-new-budgets',
    scope: 'global',
    frequency: { minutes: 1 },
    initialDelay: { seconds: 40 },
    timeout: { minutes: 5 },
    fn: () => budgets.countEarlierCalls(),
  });
  await scheduler.scheduleTask({
    id: 'verify-budgets',
    scope: 'global',
    frequency: { hours: 1 },
    initialDelay: { minutes: 5 },
    timeout: { minutes: 10 },
    fn: () => budgets.verify(),
  });

  let told = '';
  await scheduler.scheduleTask({
    id: 'read-catalog-budgets',
    scope: 'global',
    frequency: { minutes: 1 },
    timeout: { minutes: 5 },
    fn: async () => {
      // A plugin that does not listen yet throws, and what is known stays.
      const found = await options
        .approvedBudgets()
        .then(approved =>
          readCatalogBudgets(catalog, auth, options.trust, approved),
        )
        .catch(error => {
          logger.debug(`Cannot read budgets from the catalog: ${error}`);
          return undefined;
        });
      if (!found) {
        return;
      }
      const problems = found.problems.join('; ');
      if (problems && problems !== told) {
        logger.warn(problems);
      }
      told = problems;
      const { changed } = await budgets.store.sync('catalog', found.budgets, {
        keep: found.unreadable,
        graceMs: MISSING_MS,
      });
      if (changed > 0) {
        await budgets.directory.afterChange();
      }
    },
  });
}
