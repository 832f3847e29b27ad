import { audited, principalOf } from '@agentportal/plugin-agents-node';
import {
  type Candidate,
  type CaseResultList,
  type CreateEvaluationRequest,
  type Evaluation,
  type EvaluationList,
  type EvaluationsQuery,
  type ResultsQuery,
} from '@agentportal/plugin-evals-common';
import { candidateRunPermission } from '@agentportal/plugin-orchestration-common';
import type {
  AuditorService,
  BackstageCredentials,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { parseEntityRef } from '@backstage/catalog-model';
import { ConflictError, InputError, NotAllowedError } from '@backstage/errors';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import type { EvalsConfig } from '../config';
import type { DataSetStore, StoredCase } from '../dataSets/DataSetStore';
import type { Judge } from '../judging/Judge';
import { type EvalsAccess, modelRefOf } from '../permissions/EvalsAccess';
import { personOf } from '../permissions/personOf';
import { wellFormed } from '../store/wellFormed';
import type { EvaluationStore } from './EvaluationStore';
import type { Rehearsals } from './Rehearsals';
import { type EvaluationRow, type ResultRow, toEvaluation } from './rows';
import { subjectDigest, type Subjects } from './Subjects';

const DEFAULT_LIMIT = 25;
const MAX_QUESTIONS = 10_000;
const MAX_RUNNING = 6;
/** What the agent reads and where its models answer from change meanwhile. */
const BASELINE_GOOD_FOR_MS = 7 * 86_400_000;

/** Evaluations, for those who may read or manage those of their agent. */
export class Evaluations {
  readonly #o: {
    access: EvalsAccess;
    auditor: AuditorService;
    dataSets: DataSetStore;
    judge: Judge;
    knex: Knex;
    permissions: PermissionsService;
    rehearsals: Rehearsals;
    services: EvalsConfig['services'];
    store: EvaluationStore;
    subjects: Subjects;
    /** Told that there are questions to ask. */
    onCreated: () => void;
  };

  constructor(options: {
    access: EvalsAccess;
    auditor: AuditorService;
    dataSets: DataSetStore;
    judge: Judge;
    knex: Knex;
    permissions: PermissionsService;
    rehearsals: Rehearsals;
    services: EvalsConfig['services'];
    store: EvaluationStore;
    subjects: Subjects;
    onCreated: () => void;
  }) {
    this.#o = options;
  }

  async list(
    credentials: BackstageCredentials,
    query: EvaluationsQuery,
  ): Promise<EvaluationList> {
    const { access, store } = this.#o;
    const { agentRef, dataSetId, limit = DEFAULT_LIMIT, cursor } = query;
    const agentRefs = await access.narrow(credentials, agentRef, () =>
      store.agentRefs(),
    );
    const { rows, nextCursor } = await store.list(
      { agentRefs, dataSetId },
      { limit, cursor },
    );
    return {
      items: rows.map(toEvaluation),
      ...(nextCursor && { nextCursor }),
    };
  }

  async get(
    credentials: BackstageCredentials,
    id: string,
  ): Promise<Evaluation> {
    return toEvaluation(await this.readable(credentials, id));
  }

  async listResults(
    credentials: BackstageCredentials,
    id: string,
    { outcome, limit = DEFAULT_LIMIT, cursor }: ResultsQuery,
  ): Promise<CaseResultList> {
    await this.readable(credentials, id);
    return this.#o.store.listResults(id, outcome, { limit, cursor });
  }

  /** Begins one, and one of the version in force to compare it with where there is none. */
  async create(
    credentials: BackstageCredentials,
    request: CreateEvaluationRequest,
  ): Promise<Evaluation> {
    const { access, auditor, dataSets, store, subjects, onCreated } = this.#o;
    const person = this.#personFor(credentials);
    const dataSet = await dataSets.get(request.dataSetId);
    const agentRef = dataSet.agent_ref;
    await access.requireManage(credentials, agentRef);
    const agent = await subjects.said(agentRef);
    const candidate = await this.#candidateOf(credentials, request, agent);
    const version = request.version ?? dataSet.version;
    if (version !== dataSet.version) {
      await dataSets.requireVersion(dataSet.id, version);
    }
    const cases = await dataSets.casesOf(dataSet.id, version);
    const trials = request.trials ?? 1;
    if (!cases.length) {
      throw new ConflictError('The data set has no cases yet.');
    }
    if (cases.length * trials > MAX_QUESTIONS) {
      throw new InputError(
        `These are ${
          cases.length * trials
        } questions. Ask ${MAX_QUESTIONS} at most.`,
      );
    }
    if ((await store.running(agentRef)) >= MAX_RUNNING) {
      throw new ConflictError(
        `${MAX_RUNNING} evaluations of ${agentRef} are under way. Wait for one of them, or stop it.`,
      );
    }
    const inForce = await subjects.inForce(agentRef);
    const rowOf = (
      label: string,
      of: Candidate | undefined,
    ): EvaluationRow => ({
      id: randomUUID(),
      agent_ref: agentRef,
      data_set_id: dataSet.id,
      data_set_title: dataSet.title,
      data_set_version: version,
      label,
      candidate: of ? JSON.stringify(of) : null,
      baseline_id: null,
      subject_digest: subjectDigest(agent, of, inForce),
      status: 'running',
      reason: null,
      trials,
      cases: cases.length,
      passed: 0,
      failed: 0,
      incomplete: 0,
      waiting: cases.length,
      without_judge: this.#withoutJudge(cases, agent.dataClassification),
      latency_p50: null,
      latency_p95: null,
      cost_nano_usd: null,
      evaluators: '[]',
      created_at: Date.now(),
      created_by: person,
      completed_at: null,
      ...(request.judgeLimit?.calls && {
        judge_max_calls: request.judgeLimit.calls,
      }),
      ...(request.judgeLimit?.costNanoUsd && {
        judge_max_nano_usd: request.judgeLimit.costNanoUsd,
      }),
    });
    const row = rowOf(
      wellFormed(request.label ?? labelOf(request, candidate)),
      candidate,
    );
    const created = [row];
    if (candidate) {
      const reference = rowOf('In force', undefined);
      const known = await store.newestOf(
        {
          agent_ref: agentRef,
          subject_digest: reference.subject_digest,
          data_set_id: dataSet.id,
          data_set_version: version,
          trials,
        },
        ['running', 'completed'],
        Date.now() - BASELINE_GOOD_FOR_MS,
      );
      row.baseline_id = (known ?? reference).id;
      if (!known) {
        created.unshift(reference);
      }
    }
    return audited(
      auditor,
      {
        eventId: 'evaluation-create',
        severityLevel: 'low',
        meta: {
          evaluationId: row.id,
          agentRef,
          dataSetId: dataSet.id,
          subjectDigest: row.subject_digest,
        },
        by: { credentials },
      },
      async () => {
        await store.create(
          created.map(each => ({
            row: each,
            questions: questionsOf(cases, trials),
          })),
        );
        onCreated();
        return toEvaluation(row);
      },
    );
  }

  /** Ends one; what is under way is stopped. */
  async cancel(
    credentials: BackstageCredentials,
    id: string,
  ): Promise<Evaluation> {
    const { access, auditor, knex, rehearsals, store } = this.#o;
    const row = await store.get(id);
    await access.requireManage(credentials, row.agent_ref);
    return audited(
      auditor,
      {
        eventId: 'evaluation-cancel',
        severityLevel: 'low',
        meta: { evaluationId: id, agentRef: row.agent_ref },
        by: { credentials },
      },
      async () => {
        const isEnded = await store.end(id, {
          status: 'cancelled',
          reason: 'It was stopped.',
        });
        if (!isEnded) {
          throw new ConflictError(
            `The evaluation is ${(await store.get(id)).status} already.`,
          );
        }
        const held = await knex<ResultRow>('evals_results')
          .where({ evaluation_id: id, state: 'held' })
          .whereNotNull('run_id')
          .limit(100);
        await Promise.all(held.map(({ run_id: run }) => rehearsals.stop(run!)));
        return toEvaluation(await store.get(id));
      },
    );
  }

  /** @throws NotAllowedError when the caller may not read evaluations of its agent */
  async readable(
    credentials: BackstageCredentials,
    id: string,
  ): Promise<EvaluationRow> {
    const row = await this.#o.store.get(id);
    await this.#o.access.requireRead(credentials, row.agent_ref);
    return row;
  }

  /** The person, or the one for whom a service evaluates. */
  #personFor(credentials: BackstageCredentials): string {
    const principal = principalOf(credentials);
    if (principal.type !== 'service') {
      return personOf(credentials, 'Evaluations are begun by people');
    }
    const named = this.#o.services.find(
      ({ subject }) => subject === principal.subject,
    );
    if (!named) {
      throw new NotAllowedError(
        `${principal.subject} begins no evaluations: the operator names such services under evals.services, each with the person for whom it evaluates.`,
      );
    }
    return named.person.toLowerCase();
  }

  async #candidateOf(
    credentials: BackstageCredentials,
    { candidate: given, ofFile }: CreateEvaluationRequest,
    agent: { ref: string; instructions: string; model?: string },
  ): Promise<Candidate | undefined> {
    if (ofFile && given) {
      throw new InputError(
        'Give a candidate, or ofFile to take what the file of the agent says, not both.',
      );
    }
    const { instructions, model } = ofFile ? agent : given ?? {};
    const modelRef = model === undefined ? undefined : modelRefOf(model);
    if (instructions === undefined && !modelRef) {
      return undefined;
    }
    const [{ result }] = await this.#o.permissions.authorize(
      [{ permission: candidateRunPermission, resourceRef: agent.ref }],
      { credentials },
    );
    if (result !== AuthorizeResult.ALLOW) {
      throw new NotAllowedError(
        `You may not try other versions of ${agent.ref}. Ask its owner, or the people who set the permissions of the portal for ${candidateRunPermission.name}.`,
      );
    }
    if (instructions !== undefined && !instructions.trim()) {
      throw new InputError('The instructions of the candidate are empty.');
    }
    return {
      ...(instructions !== undefined && {
        instructions: wellFormed(instructions),
      }),
      ...(modelRef && { model: modelRef }),
    };
  }

  #withoutJudge(
    cases: StoredCase[],
    dataClassification: Parameters<Judge['whyNot']>[0],
  ): number {
    return this.#o.judge.whyNot(dataClassification)
      ? cases.filter(({ item }) =>
          item.checks?.some(({ evaluator }) => evaluator === 'judge'),
        ).length
      : 0;
  }
}

function questionsOf(cases: StoredCase[], trials: number) {
  return cases.flatMap(({ item, position, digest }) =>
    Array.from({ length: trials }, (_, at) => ({
      case_id: item.id,
      trial: at + 1,
      position,
      case_digest: digest,
      ask: item.turns?.at(-1) ?? item.ask!,
    })),
  );
}

function labelOf(
  { ofFile }: CreateEvaluationRequest,
  candidate: Candidate | undefined,
): string {
  if (!candidate) {
    return 'In force';
  }
  if (ofFile) {
    return 'What its file says';
  }
  const { instructions, model } = candidate;
  return [
    ...(instructions !== undefined ? ['Other instructions'] : []),
    ...(model ? [`Model ${parseEntityRef(model).name}`] : []),
  ].join(', ');
}
