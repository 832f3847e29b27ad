import {
  AgentOwners,
  createPluginAsker,
  OwnerNotices,
} from '@agentportal/plugin-agents-node';
import { OrchestrationClient } from '@agentportal/plugin-orchestration-common';
import { ToolsClient } from '@agentportal/plugin-tools-common';
import type {
  AuditorService,
  AuthService,
  DiscoveryService,
  LoggerService,
  RootConfigService,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import type { Knex } from 'knex';
import type { EvalsConfig } from '../config';
import type { EvalsAccess } from '../permissions/EvalsAccess';
import { Alarms } from './Alarms';
import { AlarmStore } from './AlarmStore';
import { AlarmWatch } from './AlarmWatch';
import { minuteOf, TITLES } from './describeRise';
import { alarmHandlers } from './handlers';
import { MuteStore } from './MuteStore';
import { registerAlarmActions } from './registerActions';
import { SensitiveTools } from './SensitiveTools';

const TIMEOUT_MS = 20_000;
/** After this time without a run, what was usual says nothing any more. */
const FORGOTTEN_MS = 90 * 86_400_000;

/** Sets up alarms about what becomes worse. */
export async function startAlarms(options: {
  access: EvalsAccess;
  actionsRegistry: ActionsRegistryService;
  auditor: AuditorService;
  auth: AuthService;
  catalog: CatalogService;
  config: EvalsConfig;
  discovery: DiscoveryService;
  knex: Knex;
  logger: LoggerService;
  notifications: NotificationService;
  rootConfig: RootConfigService;
  scheduler: SchedulerService;
}) {
  const { auth, config, discovery, knex, scheduler } = options;
  const store = new AlarmStore(knex);
  const mutes = new MuteStore(knex);
  const alarms = new Alarms({ ...options, mutes, store });
  const sensitive = new SensitiveTools({
    ask: createPluginAsker({
      auth,
      pluginId: 'tools',
      timeoutMs: TIMEOUT_MS,
      away: 'Tools cannot be read at the moment.',
    }),
    tools: new ToolsClient({ discoveryApi: discovery, fetchApi: { fetch } }),
  });
  const { falseAlarmDays } = config.alarms;
  // What is not kept of traces is not learned from either.
  const hasContent =
    options.rootConfig.getOptionalBoolean('traces.content') ?? false;
  const owners = new AgentOwners(options);
  const notices = new OwnerNotices(options);
  const watch = new AlarmWatch({
    askOrchestration: createPluginAsker({
      auth,
      pluginId: 'orchestration',
      timeoutMs: TIMEOUT_MS,
      away: 'Runs cannot be read at the moment.',
    }),
    mutes,
    terms: async () => ({
      ...{ falseAlarmDays, hasContent },
      tools: await sensitive.known(),
    }),
    runs: new OrchestrationClient({ discoveryApi: discovery }),
    store,
    tellOwner: async ({ agentRef, changedAt, id, kind, runIds, sentence }) => {
      const ownerRef = (await owners.of([agentRef])).get(agentRef);
      if (!ownerRef) {
        return false;
      }
      return notices.send({
        entityRef: agentRef,
        ownerRef,
        ...(runIds.length > 0 && { link: `/runs/${runIds.at(-1)}` }),
        title: TITLES[kind],
        description: `${agentRef}: ${sentence}${
          changedAt ? ` It was changed at ${minuteOf(changedAt)}.` : ''
        }`,
        scope: `alarm-${id}`,
        severity: 'high',
      });
    },
  });
  await scheduler.scheduleTask({
    id: 'watch-for-alarms',
    frequency: { minutes: 1 },
    initialDelay: { seconds: 50 },
    timeout: { minutes: 10 },
    scope: 'global',
    fn: signal => watch.look(signal),
  });
  await scheduler.scheduleTask({
    id: 'delete-old-alarms',
    frequency: { hours: 6 },
    initialDelay: { minutes: 11 },
    timeout: { hours: 1 },
    scope: 'global',
    fn: async () => {
      await store.removeBefore(
        Date.now() - config.retention.feedback,
        Date.now() - FORGOTTEN_MS,
      );
      await mutes.removeBefore(Date.now());
    },
  });
  registerAlarmActions({ ...options, alarms });
  return {
    erase: async (person: string) =>
      (await store.erase(person)) + (await mutes.erase(person)),
    handlers: alarmHandlers(alarms),
  };
}
