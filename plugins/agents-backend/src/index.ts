/**
 * The registry of agents: one call for the Agents page, over the catalog.
 *
 * @packageDocumentation
 */
export { agentsPlugin as default } from './plugin';
export {
  agentConditions,
  agentPermissionResourceRef,
  createAgentConditionalDecision,
} from './permissions';
