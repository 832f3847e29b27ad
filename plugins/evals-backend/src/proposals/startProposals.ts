import type { OperationHandlers } from '@agentportal/plugin-agents-node';
import type { EvalsOperations } from '@agentportal/plugin-evals-common';
import type {
  AuditorService,
  AuthService,
  DiscoveryService,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { Knex } from 'knex';
import type { EvalsConfig } from '../config';
import type { SaidAgent } from '../evaluations/Subjects';
import type { CaseBook } from '../feedback/Reviews';
import type { EvalsWorkers } from '../judging/EvalsWorkers';
import type { EvalsAccess } from '../permissions/EvalsAccess';
import { Drafter } from './Drafter';
import { FailureReader } from './FailureReader';
import { type Evaluating, Proposals } from './Proposals';
import { ProposalStore } from './ProposalStore';
import { registerProposalActions } from './registerActions';

/** Sets up what agents do wrong, and what people propose against it. */
export async function startProposals(options: {
  access: EvalsAccess;
  actionsRegistry: ActionsRegistryService;
  auditor: AuditorService;
  auth: AuthService;
  config: EvalsConfig;
  dataSets: Pick<CaseBook, 'agentOf'>;
  discovery: DiscoveryService;
  evaluations: Evaluating;
  knex: Knex;
  said: (agentRef: string) => Promise<SaidAgent>;
  scheduler: SchedulerService;
  workers: Pick<EvalsWorkers, 'run'>;
}) {
  const { config, knex, scheduler } = options;
  const store = new ProposalStore(knex);
  const proposals = new Proposals({
    ...options,
    drafter: new Drafter({ ...options, config: config.drafts }),
    failures: new FailureReader(knex),
    store,
  });
  await scheduler.scheduleTask({
    id: 'delete-old-proposals',
    frequency: { hours: 6 },
    initialDelay: { minutes: 13 },
    timeout: { hours: 1 },
    scope: 'global',
    fn: signal =>
      store.removeBefore(Date.now() - config.retention.feedback, signal),
  });
  registerProposalActions({ ...options, proposals });
  return {
    erase: (person: string) => store.erase(person),
    handlers: proposalHandlers(proposals),
  };
}

/** Answers the routes of this folder. */
function proposalHandlers(
  proposals: Proposals,
): OperationHandlers<
  Pick<
    EvalsOperations,
    | 'listFailureClusters'
    | 'listProposals'
    | 'createProposal'
    | 'draftProposal'
    | 'getProposal'
    | 'evaluateProposal'
    | 'getProposalChange'
    | 'closeProposal'
  >
> {
  return {
    listFailureClusters: ({ credentials, query }) =>
      proposals.clusters(credentials, query.agentRef),
    listProposals: ({ credentials, query }) =>
      proposals.list(credentials, query),
    createProposal: ({ credentials, body }) =>
      proposals.create(credentials, body),
    draftProposal: ({ credentials, body }) =>
      proposals.draft(credentials, body),
    getProposal: ({ credentials, path }) => proposals.get(credentials, path.id),
    evaluateProposal: ({ credentials, path, body }) =>
      proposals.evaluate(credentials, path.id, body.dataSetId),
    getProposalChange: ({ credentials, path }) =>
      proposals.change(credentials, path.id),
    closeProposal: ({ credentials, path, body }) =>
      proposals.close(credentials, path.id, body),
  };
}
