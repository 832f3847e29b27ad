/**
 * Agent, Tool and Model kinds in the catalog, and the providers that keep
 * Tools and Models true.
 *
 * @packageDocumentation
 */
export { catalogModuleAgents as default } from './module';
