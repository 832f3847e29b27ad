import { randomBytes } from 'node:crypto';
import type { CacheOptions, DataPolicy } from '@agentportal/model-gateway';
import type {
  AuditorService,
  AuthService,
  LoggerService,
  PermissionsRegistryService,
  PermissionsService,
  SchedulerService,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import { cachePurgePermission } from '@agentportal/plugin-models-common';
import type { Config } from '@backstage/config';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { CallRights } from '../access/CallRights';
import type { BudgetOwners } from '../budgets/BudgetOwners';
import type { DatabaseCallLedger } from '../ledger/DatabaseCallLedger';
import { AnswerSeal } from './AnswerSeal';
import { CacheApi } from './CacheApi';
import type { CacheConfig } from './cacheConfig';
import { DatabaseCacheStore } from './DatabaseCacheStore';
import { pruneCache } from './pruneCache';

/** Everything about answers from memory that belongs to one process. */
export interface Cache {
  /** For the gateway; absent where it is switched off. */
  options?: CacheOptions;
  api: CacheApi;
  /** Begins to delete what has expired. */
  schedule(scheduler: SchedulerService): Promise<void>;
}

/** Makes memory out of the plugin's database. */
export function createCache(options: {
  ledger: DatabaseCallLedger;
  config: CacheConfig;
  root: Config;
  owners: BudgetOwners;
  calls: CallRights;
  catalog: CatalogService;
  dataPolicy: DataPolicy;
  permissions: PermissionsService;
  permissionsRegistry: PermissionsRegistryService;
  userInfo: UserInfoService;
  auth: AuthService;
  auditor: AuditorService;
  logger: LoggerService;
}): Cache {
  const { config, dataPolicy, logger } = options;
  const { db } = options.ledger;
  const secret = secretOf(config, options.root);
  if (config.enabled && secret === undefined) {
    logger.info(
      'Answers from memory are encrypted with a key that this process alone has, so it forgets them when it ends; set models.cache.secret to keep them and to share them between replicas',
    );
  }
  const seal = new AnswerSeal(secret ?? randomBytes(32).toString('base64'));
  options.permissionsRegistry.addPermissions([cachePurgePermission]);
  return {
    api: new CacheApi({
      db,
      permissions: options.permissions,
      owners: options.owners,
      calls: options.calls,
      catalog: options.catalog,
      userInfo: options.userInfo,
      auth: options.auth,
      auditor: options.auditor,
      embeddings: config.embeddingModel ?? 'lexical',
    }),
    options: config.enabled
      ? {
          store: new DatabaseCacheStore({
            db,
            seal,
            maxPerPartition: config.maxEntriesPerPartition,
            memoryBytes: config.memoryBytes,
          }),
          secret: seal.digestSecret,
          tenant: config.tenant,
          version: config.version,
          ttlSeconds: config.ttlSeconds,
          embeddingModel: config.embeddingModel,
          thresholds: config.thresholds,
          mayEmbed: ({ account, dataClassification, provider }) =>
            dataPolicy.refusal({ account, dataClassification, provider }) ===
            undefined,
        }
      : undefined,
    async schedule(scheduler) {
      await scheduler.scheduleTask({
        id: 'prune-answer-cache',
        scope: 'global',
        frequency: { minutes: 5 },
        initialDelay: { minutes: 2 },
        timeout: { minutes: 2 },
        fn: async () => {
          const deleted = await pruneCache(db, {
            now: Date.now(),
            maxEntries: config.maxEntries,
          });
          if (deleted > 0) {
            logger.debug(`Forgot ${deleted} answers that were due`);
          }
        },
      });
    },
  };
}

/** One of its own, or else the one by which backends trust each other. */
function secretOf(config: CacheConfig, root: Config): string | undefined {
  return (
    config.secret ??
    root
      .getOptionalConfigArray('backend.auth.keys')?.[0]
      ?.getOptionalString('secret')
  );
}
