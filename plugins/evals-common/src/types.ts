import type { components, operations } from './generated/openapi';

/**
 * Requests and answers of each operation of the evals API, by its id.
 *
 * @public
 */
export type EvalsOperations = operations;

/**
 * Versioned questions with what a right answer has.
 *
 * @public
 */
export type DataSet = components['schemas']['DataSet'];

/**
 * A page of data sets.
 *
 * @public
 */
export type DataSetList = components['schemas']['DataSetList'];

/**
 * A question with what a right answer has.
 *
 * @public
 */
export type EvalCase = components['schemas']['Case'];

/**
 * A page of cases.
 *
 * @public
 */
export type CaseList = components['schemas']['CaseList'];

/**
 * One more thing that an answer must satisfy.
 *
 * @public
 */
export type EvalCheck = components['schemas']['Check'];

/**
 * What judges an answer.
 *
 * @public
 */
export type Evaluator = components['schemas']['Evaluator'];

/**
 * What differs from the version in force.
 *
 * @public
 */
export type Candidate = components['schemas']['Candidate'];

/**
 * An agent asked every question of a data set.
 *
 * @public
 */
export type Evaluation = components['schemas']['Evaluation'];

/**
 * A page of evaluations.
 *
 * @public
 */
export type EvaluationList = components['schemas']['EvaluationList'];

/**
 * Where an evaluation is.
 *
 * @public
 */
export type EvaluationStatus = components['schemas']['EvaluationStatus'];

/**
 * What became of a case.
 *
 * @public
 */
export type CaseOutcome = components['schemas']['CaseOutcome'];

/**
 * A figure with its interval.
 *
 * @public
 */
export type Interval = components['schemas']['Interval'];

/**
 * What an evaluator found.
 *
 * @public
 */
export type CheckResult = components['schemas']['CheckResult'];

/**
 * One answer and how it was judged.
 *
 * @public
 */
export type Trial = components['schemas']['Trial'];

/**
 * What became of a case.
 *
 * @public
 */
export type CaseResult = components['schemas']['Result'];

/**
 * A page of results.
 *
 * @public
 */
export type CaseResultList = components['schemas']['ResultList'];

/**
 * How a case changed.
 *
 * @public
 */
export type CaseChange = components['schemas']['Change'];

/**
 * What a comparison says, in words.
 *
 * @public
 */
export type Verdict = components['schemas']['Verdict'];

/**
 * A figure of two versions.
 *
 * @public
 */
export type MetricComparison = components['schemas']['MetricComparison'];

/**
 * Two evaluations of the same cases.
 *
 * @public
 */
export type Comparison = components['schemas']['Comparison'];

/**
 * A case in two evaluations.
 *
 * @public
 */
export type ComparedCase = components['schemas']['ComparedCase'];

/**
 * A page of compared cases.
 *
 * @public
 */
export type ComparedCaseList = components['schemas']['ComparedCaseList'];

/**
 * What an agent must pass, and whether it does.
 *
 * @public
 */
export type Gate = components['schemas']['Gate'];

/**
 * A thumb.
 *
 * @public
 */
export type Rating = components['schemas']['Rating'];

/**
 * What a person said of an answer.
 *
 * @public
 */
export type Feedback = components['schemas']['Feedback'];

/**
 * How much of a person was erased.
 *
 * @public
 */
export type ErasedFeedback = components['schemas']['ErasedFeedback'];

/**
 * A page of feedback.
 *
 * @public
 */
export type FeedbackList = components['schemas']['FeedbackList'];

/**
 * A conversation that is judged by people.
 *
 * @public
 */
export type Review = components['schemas']['Review'];

/**
 * A page of reviews.
 *
 * @public
 */
export type ReviewList = components['schemas']['ReviewList'];

/**
 * Why a conversation is reviewed.
 *
 * @public
 */
export type ReviewReason = components['schemas']['ReviewReason'];

/**
 * Whether a review waits.
 *
 * @public
 */
export type ReviewStatus = components['schemas']['ReviewStatus'];

/**
 * What a reviewer says.
 *
 * @public
 */
export type ReviewVerdict = components['schemas']['ReviewVerdict'];

/**
 * What was wrong.
 *
 * @public
 */
export type FailureKind = components['schemas']['FailureKind'];

/**
 * A level of a scorecard.
 *
 * @public
 */
export type Level = components['schemas']['Level'];

/**
 * A check of a scorecard, with what was found.
 *
 * @public
 */
export type ScorecardCheck = components['schemas']['ScorecardCheck'];

/**
 * Whether a check is passed.
 *
 * @public
 */
export type CheckStatus = components['schemas']['CheckStatus'];

/**
 * A figure of an agent over time.
 *
 * @public
 */
export type Kpi = components['schemas']['Kpi'];

/**
 * The level of an agent and what it rests on.
 *
 * @public
 */
export type Scorecard = components['schemas']['Scorecard'];

/**
 * A page of scorecards.
 *
 * @public
 */
export type ScorecardList = components['schemas']['ScorecardList'];

/**
 * A page of changes of level.
 *
 * @public
 */
export type LevelChangeList = components['schemas']['LevelChangeList'];

/**
 * What the periodic review of an agent decided.
 *
 * @public
 */
export type AgentDecision = components['schemas']['AgentDecision'];

/**
 * How agents are changed, by owner.
 *
 * @public
 */
export type DeliveryList = components['schemas']['DeliveryList'];

/**
 * How good answers were, by day.
 *
 * @public
 */
export type QualityDays = components['schemas']['QualityDays'];

/**
 * Two versions of an agent on live traffic.
 *
 * @public
 */
export type Experiment = components['schemas']['Experiment'];

/**
 * A page of experiments.
 *
 * @public
 */
export type ExperimentList = components['schemas']['ExperimentList'];

/**
 * Where an experiment is.
 *
 * @public
 */
export type ExperimentStatus = components['schemas']['ExperimentStatus'];

/**
 * What is measured of both arms of an experiment.
 *
 * @public
 */
export type ExperimentMetric = components['schemas']['ExperimentMetric'];

/**
 * Something that an agent did wrong.
 *
 * @public
 */
export type Failure = components['schemas']['Failure'];

/**
 * Failures of an agent that look alike.
 *
 * @public
 */
export type FailureCluster = components['schemas']['FailureCluster'];

/**
 * What an agent does wrong.
 *
 * @public
 */
export type FailureClusterList = components['schemas']['FailureClusterList'];

/**
 * Which failures a proposal is about.
 *
 * @public
 */
export type ProposalCause = components['schemas']['ProposalCause'];

/**
 * A change of an agent that somebody proposes.
 *
 * @public
 */
export type Proposal = components['schemas']['Proposal'];

/**
 * A page of proposals.
 *
 * @public
 */
export type ProposalList = components['schemas']['ProposalList'];

/**
 * A proposal as a change of the file of the agent.
 *
 * @public
 */
export type ProposalChange = components['schemas']['ProposalChange'];

/**
 * What is proposed, and because of which cluster.
 *
 * @public
 */
export type CreateProposalRequest =
  components['schemas']['CreateProposalRequest'];

/**
 * Because of which cluster a model is to draft a change.
 *
 * @public
 */
export type DraftProposalRequest =
  components['schemas']['DraftProposalRequest'];

/**
 * Which questions the proposed version is asked.
 *
 * @public
 */
export type EvaluateProposalRequest =
  components['schemas']['EvaluateProposalRequest'];

/**
 * What became of a proposal.
 *
 * @public
 */
export type CloseProposalRequest =
  components['schemas']['CloseProposalRequest'];

/**
 * Which tools an agent may call without asking, and what that rests on.
 *
 * @public
 */
export type AgentAutonomy = components['schemas']['AgentAutonomy'];

/**
 * How an agent stands with one of its tools; rates are shares from 0 to 1.
 *
 * @public
 */
export type ToolAutonomy = components['schemas']['ToolAutonomy'];

/**
 * What is proposed.
 *
 * @public
 */
export type ProposeAutonomyRequest =
  components['schemas']['ProposeAutonomyRequest'];

/**
 * What is taken back, and why.
 *
 * @public
 */
export type EndAutonomyRequest = components['schemas']['EndAutonomyRequest'];

/**
 * The request that others decide.
 *
 * @public
 */
export type AutonomyProposal = components['schemas']['AutonomyProposal'];

/**
 * Something that became worse about an agent.
 *
 * @public
 */
export type Alarm = components['schemas']['Alarm'];

/**
 * What became worse.
 *
 * @public
 */
export type AlarmKind = components['schemas']['AlarmKind'];

/**
 * What about an agent gives no alarm for a while.
 *
 * @public
 */
export type AlarmMute = components['schemas']['AlarmMute'];

/**
 * Why alarms are muted, and for how many days.
 *
 * @public
 */
export type MuteAlarmRequest = components['schemas']['MuteAlarmRequest'];

/**
 * Whether an experiment with an agent may be started.
 *
 * @public
 */
export type ExperimentAdmission = components['schemas']['ExperimentAdmission'];

/**
 * How an agent did on a data set, for its gate.
 *
 * @public
 */
export type GateDataSet = components['schemas']['GateDataSet'];

/**
 * A page of alarms, and how many of those before were real.
 *
 * @public
 */
export type AlarmList = components['schemas']['AlarmList'];

/**
 * Whether it was.
 *
 * @public
 */
export type AnswerAlarmRequest = components['schemas']['AnswerAlarmRequest'];

/**
 * What runs of agents are to try.
 *
 * @public
 */
export type RunningExperimentList =
  components['schemas']['RunningExperimentList'];

/**
 * A new data set.
 *
 * @public
 */
export type CreateDataSetRequest =
  components['schemas']['CreateDataSetRequest'];

/**
 * Cases in the place of all.
 *
 * @public
 */
export type WriteCasesRequest = components['schemas']['WriteCasesRequest'];

/**
 * A new evaluation.
 *
 * @public
 */
export type CreateEvaluationRequest =
  components['schemas']['CreateEvaluationRequest'];

/**
 * A thumb and why.
 *
 * @public
 */
export type GiveFeedbackRequest = components['schemas']['GiveFeedbackRequest'];

/**
 * A verdict.
 *
 * @public
 */
export type JudgeReviewRequest = components['schemas']['JudgeReviewRequest'];

/**
 * The data set that gets the case, and the case if it was edited.
 *
 * @public
 */
export type MakeCaseRequest = components['schemas']['MakeCaseRequest'];

/**
 * A decision.
 *
 * @public
 */
export type DecideOnAgentRequest =
  components['schemas']['DecideOnAgentRequest'];

/**
 * A new experiment.
 *
 * @public
 */
export type StartExperimentRequest =
  components['schemas']['StartExperimentRequest'];

/**
 * Why it ends.
 *
 * @public
 */
export type StopExperimentRequest =
  components['schemas']['StopExperimentRequest'];

type QueryOf<Id extends keyof operations> = NonNullable<
  operations[Id]['parameters']['query']
>;

/**
 * Which data sets.
 *
 * @public
 */
export type DataSetsQuery = QueryOf<'listDataSets'>;

/**
 * Which cases.
 *
 * @public
 */
export type CasesQuery = QueryOf<'listCases'>;

/**
 * Which evaluations.
 *
 * @public
 */
export type EvaluationsQuery = QueryOf<'listEvaluations'>;

/**
 * Which results.
 *
 * @public
 */
export type ResultsQuery = QueryOf<'listResults'>;

/**
 * Which compared cases.
 *
 * @public
 */
export type ComparedCasesQuery = QueryOf<'listComparedCases'>;

/**
 * Which feedback.
 *
 * @public
 */
export type FeedbackQuery = QueryOf<'listFeedback'>;

/**
 * Which reviews.
 *
 * @public
 */
export type ReviewsQuery = QueryOf<'listReviews'>;

/**
 * Which scorecards.
 *
 * @public
 */
export type ScorecardsQuery = QueryOf<'listScorecards'>;

/**
 * Which changes of level.
 *
 * @public
 */
export type LevelChangesQuery = QueryOf<'listLevelChanges'>;

/**
 * Of whom and of which days.
 *
 * @public
 */
export type QualityQuery = QueryOf<'getQuality'>;

/**
 * Of whom and how long back.
 *
 * @public
 */
export type DeliveryQuery = QueryOf<'getDelivery'>;

/**
 * Which experiments.
 *
 * @public
 */
export type ExperimentsQuery = QueryOf<'listExperiments'>;

/**
 * Which alarms.
 *
 * @public
 */
export type AlarmsQuery = QueryOf<'listAlarms'>;

/**
 * Of which agent.
 *
 * @public
 */
export type GateQuery = QueryOf<'getGate'>;

/**
 * Which proposals are listed.
 *
 * @public
 */
export type ProposalsQuery = QueryOf<'listProposals'>;
