import type { components, operations } from './generated/openapi';

type Schemas = components['schemas'];

/**
 * The operations of the HTTP API, for its router.
 *
 * @public
 */
export type OrchestrationOperations = operations;

/**
 * Where a run stands; `succeeded`, `failed` and `cancelled` are final.
 *
 * @public
 */
export type RunStatus = Schemas['RunStatus'];

/**
 * The statuses in which nothing happens to a run any more.
 *
 * @public
 */
export const FINAL_RUN_STATUSES: readonly RunStatus[] = [
  'succeeded',
  'failed',
  'cancelled',
];

/**
 * What is asked when a run is started.
 *
 * @public
 */
export type CreateRunRequest = Schemas['CreateRunRequest'];

/**
 * Says of a step that its tool was not called, because the run is a rehearsal.
 *
 * @public
 */
export type StepRehearsal = Schemas['StepRehearsal'];

/**
 * Makes a run a rehearsal, with what tools are to answer in it.
 *
 * @public
 */
export type Rehearsal = Schemas['Rehearsal'];

/**
 * What the agent of a rehearsal uses in place of its definition.
 *
 * @public
 */
export type Candidate = Schemas['Candidate'];

/**
 * From where a run is repeated, and what is different then.
 *
 * @public
 */
export type ForkRunRequest = Schemas['ForkRunRequest'];

/**
 * Which runs are repeated.
 *
 * @public
 */
export type RerunRequest = Schemas['RerunRequest'];

/**
 * What became of each run that was to be repeated.
 *
 * @public
 */
export type RerunResults = Schemas['RerunResults'];

/**
 * The answer to a started run.
 *
 * @public
 */
export type CreatedRun = Schemas['CreatedRun'];

/**
 * Who or what started a run.
 *
 * @public
 */
export type RunStart = Schemas['RunStart'];

/**
 * What starts runs of an agent without a person, and where it stands.
 *
 * @public
 */
export type Trigger = Schemas['Trigger'];

/**
 * A page of triggers.
 *
 * @public
 */
export type TriggerList = Schemas['TriggerList'];

/**
 * A time at which a trigger had a reason to start a run.
 *
 * @public
 */
export type Firing = Schemas['Firing'];

/**
 * A page of firings.
 *
 * @public
 */
export type FiringList = Schemas['FiringList'];

/**
 * The secret of a webhook, which is given out once.
 *
 * @public
 */
export type WebhookSecret = Schemas['WebhookSecret'];

/**
 * Why a run or step failed: a stable name and a sentence for a person.
 *
 * @public
 */
export type RunError = Schemas['RunError'];

/**
 * The budget that has no room for a call, with money in integer nano-USD.
 *
 * @public
 */
export type RefusedBudget = Schemas['RefusedBudget'];

/**
 * Tokens, calls and cost (integer nano-USD) of a run.
 *
 * @public
 */
export type RunUsage = Schemas['RunUsage'];

/**
 * Tokens and cost (integer nano-USD) of a step.
 *
 * @public
 */
export type StepUsage = Schemas['StepUsage'];

/**
 * A run without its steps. Times are UTC, ISO 8601.
 *
 * @public
 */
export type RunSummary = Schemas['RunSummary'];

/**
 * What an interrupted run waits for.
 *
 * @public
 */
export type RunWait = Schemas['RunWait'];

/**
 * The approval that a tool call needed.
 *
 * @public
 */
export type StepApproval = Schemas['StepApproval'];

/**
 * One model call, tool call or hand-off of a run. The input of a model call has
 * `messages` when it comes from {@link OrchestrationClient}; over HTTP
 * `inputMessages` says which of the run's messages they are.
 *
 * @public
 */
export type RunStep = Schemas['RunStep'];

/**
 * One message that a model was sent, or that a model or a tool answered.
 *
 * @public
 */
export type RunMessage = Schemas['RunMessage'];

/**
 * A run with its steps.
 *
 * @public
 */
export type Run = Schemas['Run'];

/**
 * A page of runs.
 *
 * @public
 */
export type RunList = Schemas['RunList'];

/**
 * A conversation in a list.
 *
 * @public
 */
export type ThreadSummary = Schemas['ThreadSummary'];

/**
 * A page of conversations.
 *
 * @public
 */
export type ThreadList = Schemas['ThreadList'];

/**
 * One message of a conversation.
 *
 * @public
 */
export type ThreadMessage = Schemas['ThreadMessage'];

/**
 * A conversation with its messages.
 *
 * @public
 */
export type Thread = Schemas['Thread'];

/**
 * How an agent fared lately.
 *
 * @public
 */
export type AgentStats = Schemas['AgentStats'];

/**
 * Runs of one UTC day.
 *
 * @public
 */
export type DailyStats = Schemas['DailyStats'];

/**
 * Filters and paging of the list of runs.
 *
 * @public
 */
export type ListRunsQuery = NonNullable<
  operations['listRuns']['parameters']['query']
>;

/**
 * Filter and paging of the list of conversations.
 *
 * @public
 */
export type ListThreadsQuery = NonNullable<
  operations['listThreads']['parameters']['query']
>;

/**
 * A workflow about which it is asked whether it can be run.
 *
 * @public
 */
export type ValidateWorkflowRequest = Schemas['ValidateWorkflowRequest'];

/**
 * What is wrong with a workflow, and its graph.
 *
 * @public
 */
export type WorkflowValidation = Schemas['WorkflowValidation'];
