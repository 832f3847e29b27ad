/**
 * Agent, Tool and Model kinds in the catalog, and the providers that keep
 * Tools and Models true.
 *
 * @packageDocumentation
 */
export { catalogModuleAgents as default } from './module';
export { AgentEntityProcessor } from './processors/AgentEntityProcessor';
export { ModelEntityProcessor } from './processors/ModelEntityProcessor';
export { ToolEntityProcessor } from './processors/ToolEntityProcessor';
export { LocalAgentRepositoryProvider } from './providers/LocalAgentRepositoryProvider';
