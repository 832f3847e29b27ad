import { readGuardConfig } from '@agentportal/guard';
import {
  type AgentEntity,
  agentsApprovalDecidePermission,
  agentsApprovalReadPermission,
} from '@agentportal/plugin-agents-common';
import {
  type AuditLog,
  type CatalogTrust,
  OwnerNotices,
  ToldSecrets,
} from '@agentportal/plugin-agents-node';
import type {
  AuditorService,
  AuthService,
  LifecycleService,
  LoggerService,
  PermissionsRegistryService,
  PermissionsService,
  RootConfigService,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { EventsService } from '@backstage/plugin-events-node';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import type { SignalsService } from '@backstage/plugin-signals-node';
import type { Knex } from 'knex';
import { registerApprovalActions } from '../actions/registerApprovalActions';
import type { AgentsConfig } from '../config';
import type { CredentialStore } from '../credentials/CredentialStore';
import type { DelegationStore } from '../delegations/DelegationStore';
import { EarnedAutonomy } from '../earned/EarnedAutonomy';
import { EarnedAutonomyStore } from '../earned/EarnedAutonomyStore';
import { earnedHandlers } from '../earned/handlers';
import type { Grants } from '../grants/Grants';
import type { AgentRecords } from '../identities/AgentRecords';
import type { AgentDirectory } from '../listing/AgentDirectory';
import { approvalHandlers } from './approvalHandlers';
import { ApprovalLists } from './ApprovalLists';
import { ApprovalNews } from './ApprovalNews';
import { ApprovalRequests } from './ApprovalRequests';
import { Approvals } from './Approvals';
import { ApprovalStore } from './ApprovalStore';
import { Approvers } from './Approvers';
import {
  AuthorizedApprovals,
  readApprovalResources,
} from './AuthorizedApprovals';
import { Deciders } from './Deciders';
import { DeputyStore } from './DeputyStore';
import { FormWorkers } from './FormWorkers';
import { GrantKeys } from './GrantKeys';
import type { PublicationGates } from './PublicationGates';
import { PublicationStore } from './PublicationStore';
import type { PublishedDefinitions } from './PublishedDefinitions';
import { startPublications } from './startPublications';
import {
  approvalPermissionResourceRef,
  approvalPermissionRules,
} from './permissions';

/** Sets up what people decide: its clock, its API and its actions. */
export async function startApprovals(options: {
  knex: Knex;
  records: AgentRecords;
  published: PublishedDefinitions | undefined;
  gates: PublicationGates | undefined;
  delegations: DelegationStore;
  credentials: CredentialStore;
  grants: Grants;
  directory: AgentDirectory;
  approvalsConfig: AgentsConfig['approvals'];
  rootConfig: RootConfigService;
  auditLog: AuditLog;
  auditor: AuditorService;
  auth: AuthService;
  catalog: CatalogService;
  events: EventsService;
  lifecycle: LifecycleService;
  logger: LoggerService;
  notifications: NotificationService;
  permissions: PermissionsService;
  permissionsRegistry: PermissionsRegistryService;
  registry: ActionsRegistryService;
  scheduler: SchedulerService;
  signals: SignalsService;
  trust: CatalogTrust;
  isUnreviewed: (entity: AgentEntity) => boolean;
}) {
  const { knex, records, approvalsConfig: config } = options;
  const store = new ApprovalStore(knex);
  const lists = new ApprovalLists(knex);
  const deputies = new DeputyStore(knex);
  const keys = new GrantKeys(knex);
  const forms = new FormWorkers();
  const secrets = new ToldSecrets(readGuardConfig(options.rootConfig));
  options.lifecycle.addShutdownHook(async () => {
    await Promise.all([forms.close(), secrets.close()]);
  });
  const approvers = new Approvers({ ...options, config });
  const notices = new OwnerNotices(options);
  const approvals = new Approvals({
    ...options,
    store,
    lists,
    approvers,
    keys,
    forms,
    secrets,
    news: new ApprovalNews({ ...options, notices }),
    config,
  });
  const requests = new ApprovalRequests({
    ...options,
    approvals,
    approvers,
    store,
    forms,
    config,
  });
  const deciders = new Deciders({
    records,
    deputies,
    onCall: config.breakGlass?.onCall,
  });
  options.permissionsRegistry.addResourceType({
    resourceRef: approvalPermissionResourceRef,
    permissions: [agentsApprovalReadPermission, agentsApprovalDecidePermission],
    rules: Object.values(approvalPermissionRules),
    getResources: ids => readApprovalResources(ids, { store, deciders }),
  });
  const authorized = new AuthorizedApprovals({
    ...options,
    approvals,
    requests,
    store,
    lists,
    deputies,
    deciders,
    config,
  });
  await options.scheduler.scheduleTask({
    id: 'keep-approvals',
    frequency: { seconds: 15 },
    initialDelay: { seconds: 5 },
    timeout: { minutes: 5 },
    scope: 'global',
    fn: signal => approvals.keep(signal),
  });
  await options.scheduler.scheduleTask({
    id: 'forget-deputies-and-keys',
    frequency: { hours: 1 },
    initialDelay: { minutes: 4 },
    timeout: { minutes: 5 },
    scope: 'global',
    fn: async () => {
      const now = Date.now();
      await deputies.removeOver(now);
      await keys.removeOver(now);
    },
  });
  registerApprovalActions({
    registry: options.registry,
    approvals: authorized,
  });
  return {
    ...approvalHandlers({ authorized, approvals, requests, keys }),
    ...earnedHandlers({
      ...options,
      earned: new EarnedAutonomy({
        ...options,
        store: new EarnedAutonomyStore(knex),
        requests: store,
        approvals,
        approvers,
        notices,
        secrets,
      }),
    }),
    ...(await startPublications({
      ...options,
      store: new PublicationStore(knex),
      requests: store,
      approvals,
      approvers,
      config,
    })),
  };
}
