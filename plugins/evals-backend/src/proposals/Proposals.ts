import { audited } from '@agentportal/plugin-agents-node';
import type {
  CloseProposalRequest,
  CreateEvaluationRequest,
  CreateProposalRequest,
  DraftProposalRequest,
  Evaluation,
  Failure,
  FailureCluster,
  FailureClusterList,
  Proposal,
  ProposalChange,
  ProposalList,
  ProposalsQuery,
} from '@agentportal/plugin-evals-common';
import type {
  AuditorService,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';
import { ConflictError, InputError, NotFoundError } from '@backstage/errors';
import { randomUUID } from 'node:crypto';
import type { SaidAgent } from '../evaluations/Subjects';
import type { CaseBook } from '../feedback/Reviews';
import { withoutSecrets } from '../feedback/withoutSecrets';
import type { EvalsWorkers } from '../judging/EvalsWorkers';
import {
  agentRefOf,
  type EvalsAccess,
  modelRefOf,
} from '../permissions/EvalsAccess';
import { personOf } from '../permissions/personOf';
import { wellFormed } from '../store/wellFormed';
import { changeOf } from './changeOf';
import type { Drafter } from './Drafter';
import type { FailureReader } from './FailureReader';
import { type ProposalStore, requireOpen } from './ProposalStore';

const DAY_MS = 86_400_000;
/** Older failures are of what the agent was. */
const LOOK_BACK_DAYS = 90;
const DEFAULT_LIMIT = 25;
/** Failures of a cluster that are shown, and kept with a proposal. */
const SHOWN = 20;

/** Evaluations as they are begun and read for a caller. */
export interface Evaluating {
  create(
    credentials: BackstageCredentials,
    request: CreateEvaluationRequest,
  ): Promise<Evaluation>;
  get(credentials: BackstageCredentials, id: string): Promise<Evaluation>;
}

/**
 * What an agent does wrong, put together, and what people propose against it. Nothing changes an agent:
 * a proposal is evaluated, and its owner takes it into the agent's file, which is reviewed and published as ever.
 */
export class Proposals {
  readonly #o: {
    access: EvalsAccess;
    auditor: AuditorService;
    dataSets: Pick<CaseBook, 'agentOf'>;
    drafter: Pick<Drafter, 'draft' | 'offer'>;
    evaluations: Evaluating;
    failures: FailureReader;
    said: (agentRef: string) => Promise<SaidAgent>;
    store: ProposalStore;
    workers: Pick<EvalsWorkers, 'run'>;
  };

  constructor(options: {
    access: EvalsAccess;
    auditor: AuditorService;
    dataSets: Pick<CaseBook, 'agentOf'>;
    drafter: Pick<Drafter, 'draft' | 'offer'>;
    evaluations: Evaluating;
    failures: FailureReader;
    said: (agentRef: string) => Promise<SaidAgent>;
    store: ProposalStore;
    workers: Pick<EvalsWorkers, 'run'>;
  }) {
    this.#o = options;
  }

  /** What an agent did wrong lately, the most frequent first. */
  async clusters(
    credentials: BackstageCredentials,
    text: string,
  ): Promise<FailureClusterList> {
    const agentRef = agentRefOf(text);
    await this.#o.access.requireRead(credentials, agentRef);
    const [{ clusters, failures }, said] = await Promise.all([
      this.#clustersOf(agentRef),
      this.#o.said(agentRef),
    ]);
    return {
      drafts: this.#o.drafter.offer(said),
      days: LOOK_BACK_DAYS,
      failures,
      items: clusters.map(cluster => ({
        ...cluster,
        failures: cluster.failures.slice(0, SHOWN),
      })),
    };
  }

  async list(
    credentials: BackstageCredentials,
    query: ProposalsQuery = {},
  ): Promise<ProposalList> {
    const { access, store } = this.#o;
    const { agentRef, status, limit = DEFAULT_LIMIT, cursor } = query;
    const agentRefs = await access.narrow(credentials, agentRef, () =>
      store.agents(),
    );
    return store.list({ agentRefs, status }, { limit, cursor });
  }

  async get(credentials: BackstageCredentials, id: string): Promise<Proposal> {
    const proposal = await this.#o.store.get(id);
    await this.#o.access.requireRead(credentials, proposal.agentRef);
    return proposal;
  }

  /** Proposes a change because of a cluster. */
  async create(
    credentials: BackstageCredentials,
    request: CreateProposalRequest,
  ): Promise<Proposal> {
    const { access, auditor, store } = this.#o;
    const by = personOf(credentials, 'Changes are proposed by people');
    const agentRef = agentRefOf(request.agentRef);
    const { candidate, clusterId } = request;
    const model = candidate.model && modelRefOf(candidate.model);
    const id = randomUUID();
    await audited(
      auditor,
      {
        eventId: 'proposal-create',
        severityLevel: 'low',
        meta: { agentRef, proposalId: id },
        by: { credentials },
      },
      async () => {
        await access.requireManage(credentials, agentRef);
        const said = await this.#o.said(agentRef);
        const instructions = candidate.instructions?.trim();
        const isOther =
          (instructions && instructions !== said.instructions) ||
          (model && model !== said.model);
        if (!isOther) {
          throw new InputError(
            'Nothing differs from what the file of the agent says. Give other instructions or another model.',
          );
        }
        const cluster = await this.#cluster(agentRef, clusterId);
        const reason = await withoutSecrets(request.reason);
        await store.add({
          id,
          agentRef,
          title: wellFormed(request.title),
          ...(reason && { reason }),
          cause: causeOf(cluster),
          candidate: {
            ...(instructions && { instructions: wellFormed(instructions) }),
            ...(model && { model }),
          },
          createdBy: by,
        });
      },
    );
    return store.get(id);
  }

  /** Has a model write a change because of a cluster; what it writes is a proposal as any other. */
  async draft(
    credentials: BackstageCredentials,
    request: DraftProposalRequest,
  ): Promise<Proposal> {
    const { access, auditor, drafter, store } = this.#o;
    const by = personOf(credentials, 'Drafts are asked for by people');
    const agentRef = agentRefOf(request.agentRef);
    const id = randomUUID();
    await audited(
      auditor,
      {
        eventId: 'proposal-draft',
        severityLevel: 'low',
        meta: { agentRef, proposalId: id },
        by: { credentials },
      },
      async () => {
        await access.requireManage(credentials, agentRef);
        const said = await this.#o.said(agentRef);
        const cluster = await this.#cluster(agentRef, request.clusterId);
        const { instructions, ...draft } = await drafter.draft(said, cluster);
        await store.add({
          ...{ id, agentRef, ...draft, createdBy: by },
          cause: causeOf(cluster),
          candidate: { instructions },
        });
      },
    );
    return store.get(id);
  }

  /** Asks the proposed version the questions of a data set; the version in force is the baseline. */
  async evaluate(
    credentials: BackstageCredentials,
    id: string,
    dataSetId: string,
  ): Promise<Proposal> {
    const { dataSets, evaluations, store } = this.#o;
    const { agentRef, candidate, title } = await this.#managed(credentials, id);
    const asked = await dataSets.agentOf(credentials, dataSetId);
    if (asked !== agentRef) {
      throw new InputError(
        `The data set asks ${asked}. Choose one of ${agentRef}.`,
      );
    }
    const evaluation = await evaluations.create(credentials, {
      dataSetId,
      trials: 1,
      candidate,
      label: title.slice(0, 100).toWellFormed(),
    });
    await store.evaluate(id, evaluation.id);
    return store.get(id);
  }

  /** What its owner takes into the file of the agent, with what speaks for it. */
  async change(
    credentials: BackstageCredentials,
    id: string,
  ): Promise<ProposalChange> {
    const proposal = await this.get(credentials, id);
    const [said, evaluation] = await Promise.all([
      this.#o.said(proposal.agentRef),
      this.#evaluation(credentials, proposal.evaluationId),
    ]);
    const baseline = await this.#evaluation(
      credentials,
      evaluation?.baselineId,
    );
    return changeOf(proposal, said, { candidate: evaluation, baseline });
  }

  /** Says what became of it. */
  async close(
    credentials: BackstageCredentials,
    id: string,
    { status, note: text }: CloseProposalRequest,
  ): Promise<Proposal> {
    const { auditor, store } = this.#o;
    const by = personOf(credentials, 'Proposals are closed by people');
    await audited(
      auditor,
      {
        eventId: 'proposal-close',
        severityLevel: 'low',
        meta: { proposalId: id, status },
        by: { credentials },
      },
      async () => {
        await this.#managed(credentials, id);
        const note = await withoutSecrets(text);
        await store.close(id, { status, by, ...(note && { note }) });
      },
    );
    return store.get(id);
  }

  async #managed(
    credentials: BackstageCredentials,
    id: string,
  ): Promise<Proposal> {
    const proposal = await this.get(credentials, id);
    await this.#o.access.requireManage(credentials, proposal.agentRef);
    requireOpen(proposal.status === 'open');
    return proposal;
  }

  /** Evaluations go after a while, and proposals stay. */
  async #evaluation(
    credentials: BackstageCredentials,
    id: string | undefined,
  ): Promise<Evaluation | undefined> {
    try {
      return id === undefined
        ? undefined
        : await this.#o.evaluations.get(credentials, id);
    } catch (error) {
      if (error instanceof NotFoundError) {
        return undefined;
      }
      throw error;
    }
  }

  /** @throws ConflictError */
  async #cluster(agentRef: string, id: string): Promise<FailureCluster> {
    const { clusters } = await this.#clustersOf(agentRef);
    const cluster = clusters.find(each => each.id === id);
    if (!cluster) {
      throw new ConflictError(
        'There is no such cluster any more: something else went wrong since. Look again.',
      );
    }
    return cluster;
  }

  async #clustersOf(agentRef: string) {
    const { failures: reader, workers } = this.#o;
    const found = await reader.read(
      agentRef,
      Date.now() - LOOK_BACK_DAYS * DAY_MS,
    );
    const clustered = found.length
      ? await workers.run(
          {
            kind: 'cluster',
            failures: found.map(({ kind, text }) => ({ kind, text })),
          },
          agentRef,
        )
      : [];
    const clusters = clustered.map(({ kind, members, words }) => {
      const failures = members
        .map(at => found[at])
        .sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
      return {
        id: idOf(failures[failures.length - 1]),
        kind,
        words,
        count: failures.length,
        failures,
      };
    });
    return { clusters, failures: found.length };
  }
}

/** The same for as long as its first failure is in it. */
function idOf(first: Failure): string {
  return [first.kind, first.reviewId, first.runId, first.caseId]
    .filter(Boolean)
    .join('/')
    .slice(0, 300);
}

/** Text stays where it is: what people said can be erased there. */
function causeOf({ count, failures, kind, words }: FailureCluster) {
  return {
    kind,
    words,
    count,
    failures: failures
      .slice(0, SHOWN)
      .map(({ text: _, ...where }: Failure) => where),
  };
}
