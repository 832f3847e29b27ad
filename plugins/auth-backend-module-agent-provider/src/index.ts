/**
 * Agents sign in to Backstage: with credentials of their own, for themselves or for the people
 * who delegate something to them.
 *
 * @packageDocumentation
 */
export { agentHttpAuth } from './agentHttpAuth';
export { authModuleAgentProvider as default } from './module';
