import type { ApprovalsClient } from '@agentportal/plugin-agents-common';
import { createApiRef } from '@backstage/frontend-plugin-api';

/**
 * What people do with requests that wait for them.
 *
 * @public
 */
export type ApprovalsApi = Pick<
  ApprovalsClient,
  | 'listApprovals'
  | 'getSummary'
  | 'listApprovers'
  | 'getApproval'
  | 'decide'
  | 'addMessage'
  | 'answer'
  | 'withdraw'
  | 'requestAccess'
  | 'getDeputy'
  | 'setDeputy'
  | 'removeDeputy'
>;

/**
 * The approvals of the agents backend, as the signed-in person. The agents plugin provides it; others show what waits.
 *
 * @public
 */
export const approvalsApiRef = createApiRef<ApprovalsApi>().with({
  id: 'plugin.agents.approvals',
  pluginId: 'agents',
});
