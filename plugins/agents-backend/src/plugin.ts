import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { eventsServiceRef } from '@backstage/plugin-events-node';
import { notificationService } from '@backstage/plugin-notifications-node';
import { isResourcePermission } from '@backstage/plugin-permission-common';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import {
  agentsPermissions,
  RESOURCE_TYPE_AGENT,
} from '@agentportal/plugin-agents-common';
import {
  agentDecisionsServiceRef,
  auditLogServiceRef,
  CatalogTrust,
  Clearances,
  localRepositoriesFolder,
  OutageAwareHttpAuth,
  OwnerNotices,
  portalActionsServiceRef,
  unreviewedBy,
} from '@agentportal/plugin-agents-node';
import {
  evaluationManagePermission,
  evaluationReadPermission,
} from '@agentportal/plugin-evals-common';
import {
  candidateRunPermission,
  runCreatePermission,
  triggerManagePermission,
} from '@agentportal/plugin-orchestration-common';
import { AuthorizedAgentAccess } from './access/AuthorizedAgentAccess';
import { ControlProbes } from './access/ControlProbes';
import { auditAgentAccess } from './access/auditAgentAccess';
import { DefaultAgentAccess } from './access/DefaultAgentAccess';
import { registerAccessActions } from './actions/registerAccessActions';
import { registerAgentActions } from './actions/registerAgentActions';
import { registerSettingsActions } from './actions/registerSettingsActions';
import { serviceHandlers } from './api/serviceHandlers';
import { asksAboutPublications } from './approvals/matrix';
import { PublicationGates } from './approvals/PublicationGates';
import { PublicationStore } from './approvals/PublicationStore';
import { PublishedDefinitions } from './approvals/PublishedDefinitions';
import { startApprovals } from './approvals/startApprovals';
import { readAgentsConfig } from './config';
import { CredentialAuthenticator } from './credentials/CredentialAuthenticator';
import { Credentials } from './credentials/Credentials';
import { CredentialStore } from './credentials/CredentialStore';
import { remindOfExpiry } from './credentials/remindOfExpiry';
import { Delegations } from './delegations/Delegations';
import { DelegationStore } from './delegations/DelegationStore';
import { EarnedAutonomyStore } from './earned/EarnedAutonomyStore';
import { Grants } from './grants/Grants';
import { GrantStore } from './grants/GrantStore';
import { KnownPermissions } from './grants/KnownPermissions';
import { AgentRecords } from './identities/AgentRecords';
import { Suspensions } from './identities/Suspensions';
import { StateStore } from './identities/StateStore';
import { AgentDirectory } from './listing/AgentDirectory';
import { Standings } from './listing/Standings';
import {
  agentPermissionResourceRef,
  agentPermissionRules,
} from './permissions';
import { createRouter } from './router';
import { KnownTools } from './rules/KnownTools';
import { RuleHitStore } from './rules/RuleHitStore';
import { RuleStore } from './rules/RuleStore';
import { startRules } from './rules/startRules';
import { Settings } from './settings/Settings';
import { SponsorWatch } from './sponsors/SponsorWatch';
import { openDatabase } from './store/openDatabase';
import { RetentionStore } from './store/RetentionStore';
import { RevokedTokenStore } from './store/RevokedTokenStore';

/**
 * The registry of agents: lists, counts and finds them over the catalog, and
 * lets permission policies speak about them.
 *
 * @public
 */
export const agentsPlugin = createBackendPlugin({
  pluginId: 'agents',
  register(env) {
    env.registerInit({
      deps: {
        auditLog: auditLogServiceRef,
        auditor: coreServices.auditor,
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        database: coreServices.database,
        decisions: agentDecisionsServiceRef,
        discovery: coreServices.discovery,
        events: eventsServiceRef,
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        notifications: notificationService,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
        registry: portalActionsServiceRef,
        scheduler: coreServices.scheduler,
        signals: signalsServiceRef,
        instance: coreServices.rootInstanceMetadata,
        userInfo: coreServices.userInfo,
      },
      async init(deps) {
        const { auth, catalog, permissions } = deps;
        const config = readAgentsConfig(deps.config);
        const clearances = Clearances.fromConfig(deps.config);
        const knex = await openDatabase(deps.database);
        const states = new StateStore(knex);
        const grantStore = new GrantStore(knex);
        const credentialStore = new CredentialStore(knex);
        const delegationStore = new DelegationStore(knex);
        const gates = PublicationGates.fromConfig(deps.config, deps);
        const localFolder = localRepositoriesFolder(deps.config);
        const isUnreviewed = unreviewedBy(deps.config);
        const asksPeople = asksAboutPublications(config.approvals.matrix);
        const published = await PublishedDefinitions.create({
          store: new PublicationStore(knex),
          isAsked: gates !== undefined || asksPeople,
          isUnreviewed,
        });
        const records = new AgentRecords({
          auth,
          catalog,
          published,
          states,
          grants: grantStore,
          earned: new EarnedAutonomyStore(knex),
          sponsorGraceDays: config.sponsorGraceDays,
        });
        const delegations = new Delegations({
          store: delegationStore,
          records,
          states,
          asksPeople,
          // Else what holds of an agent has been asked about.
          ...(!published && { isUnreviewed }),
        });
        const directory = new AgentDirectory({
          ...deps,
          standings: new Standings({
            published,
            states,
            sponsorGraceDays: config.sponsorGraceDays,
          }),
        });

        deps.permissionsRegistry.addPermissions(
          agentsPermissions.filter(each => !isResourcePermission(each)),
        );
        deps.permissionsRegistry.addResourceType({
          resourceRef: agentPermissionResourceRef,
          permissions: [
            // Of other plugins, but their resource is an agent.
            evaluationManagePermission,
            evaluationReadPermission,
            runCreatePermission,
            triggerManagePermission,
            candidateRunPermission,
            ...agentsPermissions.filter(each =>
              isResourcePermission(each, RESOURCE_TYPE_AGENT),
            ),
          ],
          rules: Object.values(agentPermissionRules),
          // Conditions are judged on the agent as it is, whoever asks.
          getResources: refs => records.resources(refs),
        });
        const grants = new Grants({
          store: grantStore,
          permissions: new KnownPermissions(deps),
        });
        const access = auditAgentAccess(
          new AuthorizedAgentAccess({
            inner: new DefaultAgentAccess({
              records,
              suspensions: new Suspensions({ states, records }),
              credentials: new Credentials({
                store: credentialStore,
                delegations: delegationStore,
                config: config.credentials,
              }),
              grants,
              rules: new RuleStore(knex),
              approvals: config.approvals,
              clearances,
              delegations,
              settings: new Settings({
                auth,
                catalog,
                folder: localFolder,
                asksPeople: published !== undefined,
              }),
              probes: new ControlProbes({
                auth,
                decisions: deps.decisions,
                discovery: deps.discovery,
                hits: new RuleHitStore(knex),
                records,
                tools: new KnownTools(deps),
              }),
            }),
            directory,
            resources: refs => records.resources(refs),
            permissions,
            permissionsRegistry: deps.permissionsRegistry,
          }),
          deps.auditor,
        );
        registerAgentActions({
          registry: deps.registry,
          directory,
          permissions,
        });
        registerAccessActions({ registry: deps.registry, access });
        registerSettingsActions({ registry: deps.registry, access });
        const rules = await startRules({
          ...deps,
          knex,
          records,
          published,
          rulesConfig: config.rules,
          clearances,
        });
        const approvals = await startApprovals({
          ...deps,
          knex,
          records,
          published,
          gates,
          delegations: delegationStore,
          credentials: credentialStore,
          grants,
          directory,
          approvalsConfig: config.approvals,
          rootConfig: deps.config,
          trust: CatalogTrust.fromConfig(deps.config),
          isUnreviewed,
        });
        deps.httpRouter.use(
          createRouter({
            directory,
            httpAuth: new OutageAwareHttpAuth(deps),
            permissions,
            access,
            rules,
            approvals,
            forServices: serviceHandlers({
              auditor: deps.auditor,
              records,
              published,
              delegations,
              authenticator: new CredentialAuthenticator({
                store: credentialStore,
                records,
                states,
              }),
              credentialStore,
              revokedTokens: new RevokedTokenStore(knex),
            }),
          }),
        );

        const notices = new OwnerNotices(deps);
        const sponsors = new SponsorWatch({
          ...deps,
          notices,
          records,
          states,
        });
        await deps.scheduler.scheduleTask({
          id: 'watch-sponsors',
          frequency: { minutes: 15 },
          initialDelay: { minutes: 1 },
          timeout: { minutes: 10 },
          scope: 'global',
          fn: () => sponsors.look(),
        });
        const retention = new RetentionStore(knex);
        await deps.scheduler.scheduleTask({
          id: 'keep-records',
          frequency: { hours: 6 },
          initialDelay: { minutes: 5 },
          timeout: { minutes: 30 },
          scope: 'global',
          fn: async signal => {
            await remindOfExpiry({
              store: credentialStore,
              records,
              notices,
              remindMs: config.credentials.remindMs,
            });
            await retention.clean(config.retention, signal);
          },
        });
      },
    });
  },
});
