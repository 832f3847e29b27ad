import { sendThrough } from '@agentportal/plugin-agents-common';
import createClient from 'openapi-fetch';
import type { paths } from './generated/openapi';
import type {
  AgentAutonomy,
  CloseProposalRequest,
  CreateProposalRequest,
  EvaluateProposalRequest,
  FailureClusterList,
  Proposal,
  ProposalChange,
  ProposalList,
  ProposalsQuery,
  QualityDays,
  QualityQuery,
  AutonomyProposal,
  EndAutonomyRequest,
  ProposeAutonomyRequest,
  Alarm,
  AlarmList,
  AlarmMute,
  AlarmsQuery,
  AnswerAlarmRequest,
  CaseList,
  CaseResultList,
  CasesQuery,
  ComparedCaseList,
  ComparedCasesQuery,
  Comparison,
  CreateDataSetRequest,
  CreateEvaluationRequest,
  DataSet,
  DataSetList,
  DataSetsQuery,
  DecideOnAgentRequest,
  DeliveryList,
  DeliveryQuery,
  EvalCase,
  DraftProposalRequest,
  ErasedFeedback,
  Evaluation,
  EvaluationList,
  EvaluationsQuery,
  Experiment,
  ExperimentAdmission,
  ExperimentList,
  ExperimentsQuery,
  Feedback,
  FeedbackList,
  FeedbackQuery,
  Gate,
  GateQuery,
  GiveFeedbackRequest,
  JudgeReviewRequest,
  LevelChangeList,
  LevelChangesQuery,
  MakeCaseRequest,
  MuteAlarmRequest,
  ResultsQuery,
  Review,
  ReviewList,
  ReviewsQuery,
  RunningExperimentList,
  Scorecard,
  ScorecardList,
  ScorecardsQuery,
  StartExperimentRequest,
  StopExperimentRequest,
  WriteCasesRequest,
} from './types';

/**
 * How one request to the evals backend is made.
 *
 * @public
 */
export interface EvalsRequestOptions {
  /** Backstage token; leave out where `fetchApi` adds it, as in the browser. */
  token?: string;
  /** Ends the request early. */
  signal?: AbortSignal;
}

/**
 * Client of the evals backend, for browsers and for other backends. Methods reject with a
 * `ResponseError` of `@backstage/errors` when the backend answers with an error.
 *
 * @public
 */
export class EvalsClient {
  readonly #discoveryApi: { getBaseUrl(pluginId: string): Promise<string> };
  readonly #fetchApi: { fetch: typeof fetch };

  constructor(options: {
    discoveryApi: { getBaseUrl(pluginId: string): Promise<string> };
    fetchApi: { fetch: typeof fetch };
  }) {
    this.#discoveryApi = options.discoveryApi;
    this.#fetchApi = options.fetchApi;
  }

  /** List the data sets of agents whose evaluations the caller may read. */
  async listDataSets(
    query: DataSetsQuery = {},
    options?: EvalsRequestOptions,
  ): Promise<DataSetList> {
    return this.#send('get', '/data-sets', { params: { query } }, options);
  }

  /** Begin a data set that is kept in the portal. */
  async createDataSet(
    body: CreateDataSetRequest,
    options?: EvalsRequestOptions,
  ): Promise<DataSet> {
    return this.#send('post', '/data-sets', { body }, options);
  }

  /** Read a data set, with what it can show and what is odd about it. */
  async getDataSet(
    id: string,
    options?: EvalsRequestOptions,
  ): Promise<DataSet> {
    return this.#send(
      'get',
      '/data-sets/{id}',
      { params: { path: { id } } },
      options,
    );
  }

  /** Delete a data set of the portal; evaluations of it stay. */
  async deleteDataSet(
    id: string,
    options?: EvalsRequestOptions,
  ): Promise<void> {
    return this.#send(
      'delete',
      '/data-sets/{id}',
      { params: { path: { id } } },
      options,
    );
  }

  /** List the cases of a version. */
  async listCases(
    id: string,
    query: CasesQuery = {},
    options?: EvalsRequestOptions,
  ): Promise<CaseList> {
    return this.#send(
      'get',
      '/data-sets/{id}/cases',
      { params: { path: { id }, query } },
      options,
    );
  }

  /** Put other cases in the place of all; a new version. */
  async writeCases(
    id: string,
    body: WriteCasesRequest,
    options?: EvalsRequestOptions,
  ): Promise<DataSet> {
    return this.#send(
      'put',
      '/data-sets/{id}/cases',
      { params: { path: { id } }, body },
      options,
    );
  }

  /** Add one case, or replace the one of its id; a new version. */
  async addCase(
    id: string,
    body: EvalCase,
    options?: EvalsRequestOptions,
  ): Promise<DataSet> {
    return this.#send(
      'post',
      '/data-sets/{id}/cases',
      { params: { path: { id } }, body },
      options,
    );
  }

  /** List evaluations, the newest first. */
  async listEvaluations(
    query: EvaluationsQuery = {},
    options?: EvalsRequestOptions,
  ): Promise<EvaluationList> {
    return this.#send('get', '/evaluations', { params: { query } }, options);
  }

  /** Ask an agent every question of a data set. */
  async createEvaluation(
    body: CreateEvaluationRequest,
    options?: EvalsRequestOptions,
  ): Promise<Evaluation> {
    return this.#send('post', '/evaluations', { body }, options);
  }

  /** Read an evaluation and its figures. */
  async getEvaluation(
    id: string,
    options?: EvalsRequestOptions,
  ): Promise<Evaluation> {
    return this.#send(
      'get',
      '/evaluations/{id}',
      { params: { path: { id } } },
      options,
    );
  }

  /** Stop an evaluation; what it has so far stays. */
  async cancelEvaluation(
    id: string,
    options?: EvalsRequestOptions,
  ): Promise<Evaluation> {
    return this.#send(
      'post',
      '/evaluations/{id}/cancel',
      { params: { path: { id } } },
      options,
    );
  }

  /** List what became of each case. */
  async listResults(
    id: string,
    query: ResultsQuery = {},
    options?: EvalsRequestOptions,
  ): Promise<CaseResultList> {
    return this.#send(
      'get',
      '/evaluations/{id}/results',
      { params: { path: { id }, query } },
      options,
    );
  }

  /** Compare an evaluation with one of the same cases. */
  async compareEvaluations(
    id: string,
    baselineId: string,
    options?: EvalsRequestOptions,
  ): Promise<Comparison> {
    return this.#send(
      'get',
      '/evaluations/{id}/comparison',
      { params: { path: { id }, query: { baselineId } } },
      options,
    );
  }

  /** List the paired cases, those that became worse first. */
  async listComparedCases(
    id: string,
    query: ComparedCasesQuery,
    options?: EvalsRequestOptions,
  ): Promise<ComparedCaseList> {
    return this.#send(
      'get',
      '/evaluations/{id}/comparison/cases',
      { params: { path: { id }, query } },
      options,
    );
  }

  /** Ask whether an agent passes its gate. */
  async getGate(
    query: GateQuery,
    options?: EvalsRequestOptions,
  ): Promise<Gate> {
    return this.#send('get', '/gates', { params: { query } }, options);
  }

  /** Say of an answer whether it was good. */
  async giveFeedback(
    body: GiveFeedbackRequest,
    options?: EvalsRequestOptions,
  ): Promise<Feedback> {
    return this.#send('post', '/feedback', { body }, options);
  }

  /** List what people said of an agent's answers, the newest first. */
  async listFeedback(
    query: FeedbackQuery = {},
    options?: EvalsRequestOptions,
  ): Promise<FeedbackList> {
    return this.#send('get', '/feedback', { params: { query } }, options);
  }

  /** Erase what a person said of answers, and their name from what they judged. */
  async eraseFeedback(
    personRef: string,
    options?: EvalsRequestOptions,
  ): Promise<ErasedFeedback> {
    return this.#send(
      'delete',
      '/feedback',
      { params: { query: { personRef } } },
      options,
    );
  }

  /** List conversations that wait for a reviewer, or were reviewed. */
  async listReviews(
    query: ReviewsQuery = {},
    options?: EvalsRequestOptions,
  ): Promise<ReviewList> {
    return this.#send('get', '/reviews', { params: { query } }, options);
  }

  /** Read a review. */
  async getReview(id: string, options?: EvalsRequestOptions): Promise<Review> {
    return this.#send(
      'get',
      '/reviews/{id}',
      { params: { path: { id } } },
      options,
    );
  }

  /** Judge the conversation. */
  async judgeReview(
    id: string,
    body: JudgeReviewRequest,
    options?: EvalsRequestOptions,
  ): Promise<Review> {
    return this.#send(
      'put',
      '/reviews/{id}/verdict',
      { params: { path: { id } }, body },
      options,
    );
  }

  /** Make a case of a data set out of the reviewed conversation. */
  async makeCaseOfReview(
    id: string,
    body: MakeCaseRequest,
    options?: EvalsRequestOptions,
  ): Promise<Review> {
    return this.#send(
      'post',
      '/reviews/{id}/case',
      { params: { path: { id } }, body },
      options,
    );
  }

  /** List agents with their levels, the weakest first. */
  async listScorecards(
    query: ScorecardsQuery = {},
    options?: EvalsRequestOptions,
  ): Promise<ScorecardList> {
    return this.#send('get', '/scorecards', { params: { query } }, options);
  }

  /** Read an agent's scorecard, every check with its evidence. */
  async getScorecard(
    agentRef: string,
    options?: EvalsRequestOptions,
  ): Promise<Scorecard> {
    return this.#send(
      'get',
      '/scorecards/agent',
      { params: { query: { agentRef } } },
      options,
    );
  }

  /** List the levels that an agent had, with the reasons of each change. */
  async listLevelChanges(
    query: LevelChangesQuery,
    options?: EvalsRequestOptions,
  ): Promise<LevelChangeList> {
    return this.#send(
      'get',
      '/scorecards/agent/history',
      { params: { query } },
      options,
    );
  }

  /** Write down what the periodic review of an agent decided. */
  async decideOnAgent(
    agentRef: string,
    body: DecideOnAgentRequest,
    options?: EvalsRequestOptions,
  ): Promise<Scorecard> {
    return this.#send(
      'put',
      '/scorecards/agent/decision',
      { params: { query: { agentRef } }, body },
      options,
    );
  }

  /** How agents are changed, by owner. */
  async getDelivery(
    query: DeliveryQuery = {},
    options?: EvalsRequestOptions,
  ): Promise<DeliveryList> {
    return this.#send('get', '/delivery', { params: { query } }, options);
  }

  /** How good answers were, by day. */
  async getQuality(
    query: QualityQuery = {},
    options?: EvalsRequestOptions,
  ): Promise<QualityDays> {
    return this.#send('get', '/quality', { params: { query } }, options);
  }

  /** List experiments, the newest first. */
  async listExperiments(
    query: ExperimentsQuery = {},
    options?: EvalsRequestOptions,
  ): Promise<ExperimentList> {
    return this.#send('get', '/experiments', { params: { query } }, options);
  }

  /** Give a share of an agent's conversations to a candidate. */
  async startExperiment(
    body: StartExperimentRequest,
    options?: EvalsRequestOptions,
  ): Promise<Experiment> {
    return this.#send('post', '/experiments', { body }, options);
  }

  /** Read an experiment, its figures and its verdict. */
  async getExperiment(
    id: string,
    options?: EvalsRequestOptions,
  ): Promise<Experiment> {
    return this.#send(
      'get',
      '/experiments/{id}',
      { params: { path: { id } } },
      options,
    );
  }

  /** Stop an experiment; everybody gets the version in force. */
  async stopExperiment(
    id: string,
    body: StopExperimentRequest,
    options?: EvalsRequestOptions,
  ): Promise<Experiment> {
    return this.#send(
      'post',
      '/experiments/{id}/stop',
      { params: { path: { id } }, body },
      options,
    );
  }

  /** List what an agent does wrong, put together; the most frequent first. */
  async listFailureClusters(
    agentRef: string,
    options?: EvalsRequestOptions,
  ): Promise<FailureClusterList> {
    return this.#send(
      'get',
      '/failure-clusters',
      { params: { query: { agentRef } } },
      options,
    );
  }

  /** List proposed changes of agents, the newest first. */
  async listProposals(
    query: ProposalsQuery = {},
    options?: EvalsRequestOptions,
  ): Promise<ProposalList> {
    return this.#send('get', '/proposals', { params: { query } }, options);
  }

  /** Propose a change because of a cluster; the agent stays as it is. */
  async createProposal(
    body: CreateProposalRequest,
    options?: EvalsRequestOptions,
  ): Promise<Proposal> {
    return this.#send('post', '/proposals', { body }, options);
  }

  /** Have a model draft a change because of a cluster; the agent stays as it is. */
  async draftProposal(
    body: DraftProposalRequest,
    options?: EvalsRequestOptions,
  ): Promise<Proposal> {
    return this.#send('post', '/proposals/drafts', { body }, options);
  }

  /** Read a proposal with the failures behind it. */
  async getProposal(
    id: string,
    options?: EvalsRequestOptions,
  ): Promise<Proposal> {
    return this.#send(
      'get',
      '/proposals/{id}',
      { params: { path: { id } } },
      options,
    );
  }

  /** Evaluate the proposed version, and compare it with the version in force. */
  async evaluateProposal(
    id: string,
    body: EvaluateProposalRequest,
    options?: EvalsRequestOptions,
  ): Promise<Proposal> {
    return this.#send(
      'post',
      '/proposals/{id}/evaluation',
      { params: { path: { id } }, body },
      options,
    );
  }

  /** Read a proposal as a change of the file of the agent. */
  async getProposalChange(
    id: string,
    options?: EvalsRequestOptions,
  ): Promise<ProposalChange> {
    return this.#send(
      'get',
      '/proposals/{id}/change',
      { params: { path: { id } } },
      options,
    );
  }

  /** Say what became of a proposal; it changes no agent. */
  async closeProposal(
    id: string,
    body: CloseProposalRequest,
    options?: EvalsRequestOptions,
  ): Promise<Proposal> {
    return this.#send(
      'post',
      '/proposals/{id}/close',
      { params: { path: { id } }, body },
      options,
    );
  }

  /** Read which tools an agent may call without asking, and what that rests on. */
  async getAutonomy(
    agentRef: string,
    options?: EvalsRequestOptions,
  ): Promise<AgentAutonomy> {
    return this.#send(
      'get',
      '/autonomy',
      { params: { query: { agentRef } } },
      options,
    );
  }

  /** Propose that an agent calls a tool without asking; others decide. */
  async proposeAutonomy(
    body: ProposeAutonomyRequest,
    options?: EvalsRequestOptions,
  ): Promise<AutonomyProposal> {
    return this.#send('post', '/autonomy/proposals', { body }, options);
  }

  /** Let people be asked again about a tool of an agent. */
  async endAutonomy(
    body: EndAutonomyRequest,
    options?: EvalsRequestOptions,
  ): Promise<AgentAutonomy> {
    return this.#send('post', '/autonomy/end', { body }, options);
  }

  /** List what became worse about agents, the newest first. */
  async listAlarms(
    query: AlarmsQuery = {},
    options?: EvalsRequestOptions,
  ): Promise<AlarmList> {
    return this.#send('get', '/alarms', { params: { query } }, options);
  }

  /** Say whether an alarm was about something real. */
  async answerAlarm(
    id: string,
    body: AnswerAlarmRequest,
    options?: EvalsRequestOptions,
  ): Promise<Alarm> {
    return this.#send(
      'put',
      '/alarms/{id}/answer',
      { params: { path: { id } }, body },
      options,
    );
  }

  /** Say whether an experiment with an agent may be started, and what to do where not. */
  async getExperimentAdmission(
    query: { agentRef: string },
    options?: EvalsRequestOptions,
  ): Promise<ExperimentAdmission> {
    return this.#send(
      'get',
      '/experiment-admission',
      { params: { query } },
      options,
    );
  }

  /** Have no more alarms about the same thing of the agent for a while. */
  async muteAlarm(
    id: string,
    body: MuteAlarmRequest,
    options?: EvalsRequestOptions,
  ): Promise<AlarmMute> {
    return this.#send(
      'put',
      '/alarms/{id}/mute',
      { params: { path: { id } }, body },
      options,
    );
  }

  /** Have alarms about the same thing again. */
  async unmuteAlarm(id: string, options?: EvalsRequestOptions): Promise<void> {
    return this.#send(
      'delete',
      '/alarms/{id}/mute',
      { params: { path: { id } } },
      options,
    );
  }

  /** List what runs of agents are to try; for the orchestration plugin. */
  async listRunningExperiments(
    options?: EvalsRequestOptions,
  ): Promise<RunningExperimentList> {
    return this.#send('get', '/running-experiments', {}, options);
  }

  async #send<T>(
    method: 'get' | 'post' | 'put' | 'delete',
    path: keyof paths,
    request: { params?: { path?: object; query?: object }; body?: object },
    options: EvalsRequestOptions = {},
  ): Promise<T> {
    const fetchApi = this.#fetchApi;
    const client = createClient<any>({
      baseUrl: await this.#discoveryApi.getBaseUrl('evals'),
      fetch: sendThrough((...args) => fetchApi.fetch(...args)),
    });
    const { data, response } = await client.request(
      method as never,
      path as never,
      {
        ...request,
        ...(options.token && {
          headers: { authorization: `Bearer ${options.token}` },
        }),
        ...(options.signal && { signal: options.signal }),
      } as never,
    );
    if (data === undefined && response.status !== 204) {
      throw new Error(
        `The evals backend answered ${response.status} without a body; check that ${response.url} is the evals backend`,
      );
    }
    return data as T;
  }
}
