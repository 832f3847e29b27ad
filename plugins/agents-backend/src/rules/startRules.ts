import {
  CatalogTrust,
  type Clearances,
  OwnerNotices,
} from '@agentportal/plugin-agents-node';
import type {
  AuditorService,
  AuthService,
  DiscoveryService,
  LifecycleService,
  LoggerService,
  PermissionsRegistryService,
  PermissionsService,
  RootConfigService,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import type { Knex } from 'knex';
import type { PublishedDefinitions } from '../approvals/PublishedDefinitions';
import type { AgentsConfig } from '../config';
import type { AgentRecords } from '../identities/AgentRecords';
import { registerRuleActions } from '../actions/registerRuleActions';
import { authorizeRules } from './AuthorizedRules';
import { KnownTools } from './KnownTools';
import { ruleHandlers } from './ruleHandlers';
import { RuleHitStore } from './RuleHitStore';
import { Rules } from './Rules';
import { RuleStore } from './RuleStore';
import { RuleTrial } from './RuleTrial';
import { RuleWorkers } from './RuleWorkers';
import { WhatIf } from './WhatIf';

/** Sets the rules up: their sources are read now and then, and their API is answered. */
export async function startRules(options: {
  knex: Knex;
  records: AgentRecords;
  published: PublishedDefinitions | undefined;
  rulesConfig: AgentsConfig['rules'];
  clearances: Clearances;
  auditor: AuditorService;
  auth: AuthService;
  catalog: CatalogService;
  config: RootConfigService;
  discovery: DiscoveryService;
  lifecycle: LifecycleService;
  logger: LoggerService;
  notifications: NotificationService;
  permissions: PermissionsService;
  permissionsRegistry: PermissionsRegistryService;
  registry: ActionsRegistryService;
  scheduler: SchedulerService;
}) {
  const { knex, published, records, rulesConfig, auth, catalog } = options;
  const store = new RuleStore(knex);
  const hits = new RuleHitStore(knex);
  const workers = new RuleWorkers();
  const tools = new KnownTools(options);
  const rules = new Rules({
    store,
    workers,
    tools,
    config: rulesConfig,
    sources: {
      catalog,
      auth,
      published,
      trust: CatalogTrust.fromConfig(options.config),
    },
    auditor: options.auditor,
    logger: options.logger,
    notices: new OwnerNotices(options),
  });
  await options.scheduler.scheduleTask({
    id: 'read-rules',
    frequency: { seconds: 15 },
    initialDelay: { seconds: 5 },
    timeout: { minutes: 5 },
    scope: 'global',
    fn: signal => rules.sync(signal),
  });
  await options.scheduler.scheduleTask({
    id: 'keep-rules',
    frequency: { hours: 6 },
    initialDelay: { minutes: 7 },
    timeout: { minutes: 10 },
    scope: 'global',
    fn: async () => {
      const now = Date.now();
      await store.removeVersionsBefore(now - rulesConfig.historyMs);
      await hits.removeBefore(now - rulesConfig.hitsMs);
    },
  });
  options.lifecycle.addShutdownHook(() => workers.close());
  const authorized = authorizeRules({
    ...options,
    rules,
    hits,
    whatIf: new WhatIf({ ...options, rules, tools }),
    trial: new RuleTrial({ rules, records, tools }),
  });
  registerRuleActions({ registry: options.registry, rules: authorized });
  return ruleHandlers({ authorized, rules, hits });
}
