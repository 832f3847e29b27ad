/**
 * The default permission policy of Agent Portal.
 *
 * @packageDocumentation
 */
export { permissionModuleAgentPolicy as default } from './module';
