/**
 * Agents, tools and models in search.
 *
 * @packageDocumentation
 */
export { searchModuleAgents as default } from './module';
export { AgentsCollatorFactory } from './AgentsCollatorFactory';
export type { AgentDocument } from './AgentDocument';
