import type { AgentsClient } from '@agentportal/plugin-agents-common';
import { createApiRef } from '@backstage/frontend-plugin-api';

/**
 * Lists and counts agents, and tells and changes what they may do.
 *
 * @public
 */
export type AgentsApi = Pick<
  AgentsClient,
  | 'listAgents'
  | 'getFacets'
  | 'getAgent'
  | 'getPublication'
  | 'requestPublication'
  | 'getAccess'
  | 'getSettings'
  | 'changeSettings'
  | 'listRevisions'
  | 'getControls'
  | 'suspendAgent'
  | 'resumeAgent'
  | 'listCredentials'
  | 'createCredential'
  | 'rotateCredential'
  | 'revokeCredential'
  | 'listGrants'
  | 'listGrantablePermissions'
  | 'grantPermission'
  | 'revokeGrant'
  | 'listDelegations'
  | 'decide'
>;

/**
 * The agents backend, as the signed-in person.
 *
 * @public
 */
export const agentsApiRef = createApiRef<AgentsApi>().with({
  id: 'plugin.agents.client',
  pluginId: 'agents',
});
