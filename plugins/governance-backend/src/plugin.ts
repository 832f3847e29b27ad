import {
  AgentOwners,
  OutageAwareHttpAuth,
  portalActionsServiceRef,
} from '@agentportal/plugin-agents-node';
import {
  auditReadPermission,
  governancePermissions,
} from '@agentportal/plugin-governance-common';
import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { registerActions } from './actions/registerActions';
import { Anchors } from './anchors/Anchors';
import { Audit } from './api/Audit';
import { createRouter } from './api/createRouter';
import { readAuditConfig, readSecrets } from './config';
import { AuditWriter } from './log/AuditWriter';
import { AuditAccess } from './permissions/AuditAccess';
import {
  auditEntryPermissionResourceRef,
  auditPermissionRules,
} from './permissions/rules';
import { HoldStore } from './retention/HoldStore';
import { RetentionStore } from './retention/RetentionStore';
import { openDatabase } from './store/database';
import { DailyCounts } from './store/DailyCounts';
import { EntryReader } from './store/EntryReader';
import { EntryStore } from './store/EntryStore';
import { Subjects } from './store/Subjects';
import { TreeStore } from './store/TreeStore';
import { EntityChanges } from './writers/EntityChanges';

/**
 * The audit log of the portal: append-only, provable, erasable and exportable.
 *
 * @public
 */
export const governancePlugin = createBackendPlugin({
  pluginId: 'governance',
  register(env) {
    env.registerInit({
      deps: {
        actionsRegistry: portalActionsServiceRef,
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        database: coreServices.database,
        discovery: coreServices.discovery,
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        logger: coreServices.logger,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
        scheduler: coreServices.scheduler,
      },
      async init(deps) {
        const { auth, catalog, logger, permissionsRegistry, scheduler } = deps;
        const config = readAuditConfig(deps.config);
        const secrets = readSecrets(deps.config);
        const [{ signer }] = secrets;
        const knex = await openDatabase(deps.database);
        const trees = new TreeStore(knex);
        const subjects = new Subjects(knex, secrets);
        const counts = new DailyCounts(knex);
        const reader = new EntryReader({ knex, subjects, counts });
        const holds = new HoldStore(knex);
        const entries = new EntryStore({
          ...{ counts, knex, trees, subjects, signer },
          headEvery: config.headEvery.entries,
        });
        await trees.keys(signer);
        const audit = new Audit({
          ...{ config, entries, holds, reader, signer, subjects, trees },
          owners: new AgentOwners({ auth, catalog, logger }),
          writer: new AuditWriter({
            store: entries,
            maxWaiting: config.maxWaiting,
          }),
        });

        permissionsRegistry.addPermissions(
          governancePermissions.filter(each => each !== auditReadPermission),
        );
        permissionsRegistry.addResourceType({
          resourceRef: auditEntryPermissionResourceRef,
          permissions: [auditReadPermission],
          rules: Object.values(auditPermissionRules),
          getResources: async refs =>
            Promise.all(
              refs.map(async ref => {
                const [tenant, id] = ref.split('/');
                const tree = await trees.find(tenant);
                return tree && (await reader.get(tree, id, {}))?.entry;
              }),
            ),
        });
        const access = new AuditAccess({ ...deps, writers: config.writers });
        deps.httpRouter.use(
          createRouter({
            access,
            audit,
            httpAuth: new OutageAwareHttpAuth(deps),
          }),
        );
        registerActions({
          actionsRegistry: deps.actionsRegistry,
          access,
          audit,
        });

        const anchors = new Anchors({
          ...{ knex, trees, logger },
          anchors: config.anchors,
        });
        await scheduler.scheduleTask({
          id: 'sign-tree-heads',
          scope: 'global',
          frequency: { milliseconds: config.headEvery.milliseconds },
          timeout: { minutes: 2 },
          fn: async () => {
            for (const tree of await trees.list()) {
              await entries.signHead(tree.tenant);
            }
            await anchors.tell();
          },
        });
        await scheduler.scheduleTask({
          id: 'count-entries',
          scope: 'global',
          frequency: { minutes: 1 },
          timeout: { minutes: 10 },
          fn: async signal =>
            counts.catchUp(
              (await trees.list()).map(({ id }) => id),
              signal,
            ),
        });
        const changes = new EntityChanges({
          ...{ auth, catalog, knex },
          record: records => audit.record(records, 'plugin:governance'),
        });
        await scheduler.scheduleTask({
          id: 'record-entity-changes',
          scope: 'global',
          frequency: { minutes: 1 },
          timeout: { minutes: 10 },
          initialDelay: { seconds: 20 },
          fn: signal => changes.look(signal),
        });
        const retention = new RetentionStore({
          ...{ entries, holds, knex, reader, subjects, trees },
        });
        await scheduler.scheduleTask({
          id: 'delete-old-entries',
          scope: 'global',
          frequency: { hours: 6 },
          timeout: { hours: 1 },
          initialDelay: { minutes: 10 },
          fn: signal => retention.clean(config.retention, signal),
        });
      },
    });
  },
});
