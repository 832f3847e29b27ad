/**
 * Kinds, schemas, relations, decisions and permissions of agents, tools and models.
 *
 * @packageDocumentation
 */
export * from './kinds';
export * from './schemas';
export * from './refs';
export * from './relations';
export * from './validation';
export * from './decisions';
export * from './permissions';
export * from './events';
export { masked } from './masked';
export * from './client/AgentsClient';
export * from './client/AgentIdentityClient';
export * from './client/AgentRulesClient';
export * from './client/RuleTextsClient';
export * from './client/ApprovalsClient';
export * from './client/ApprovalRequestsClient';
export * from './client/EarnedAutonomyClient';
export type {
  AgentsApiConnection,
  AgentsRequestOptions,
} from './client/openAgentsApi';
export { sendThrough } from './client/sendThrough';
