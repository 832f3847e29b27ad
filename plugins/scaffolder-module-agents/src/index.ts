/**
 * Form fields that pick the id, model, tools and autonomy of an agent.
 *
 * @packageDocumentation
 */
export { scaffolderModuleAgents as default } from './module';
