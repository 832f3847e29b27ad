/**
 * Golden-path actions that write, publish and register an agent.
 *
 * @packageDocumentation
 */
export { scaffolderModuleAgents as default } from './module';
