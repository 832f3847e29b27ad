/**
 * The registry of agents: one call for the Agents page, over the catalog.
 *
 * @packageDocumentation
 */
export { agentsPlugin as default } from './plugin';
export {
  approvalConditions,
  approvalPermissionResourceRef,
  type ApprovalResource,
  createApprovalConditionalDecision,
} from './approvals/permissions';
export type { PartyFilter } from './approvals/ApprovalLists';
export {
  agentConditions,
  agentPermissionResourceRef,
  createAgentConditionalDecision,
} from './permissions';
