import { createApiRef } from '@backstage/frontend-plugin-api';
import type { GovernanceClient } from '@agentportal/plugin-governance-common';

/**
 * What the front end asks of the audit log.
 *
 * @public
 */
export type GovernanceApi = Pick<GovernanceClient, keyof GovernanceClient>;

/**
 * The audit log, as the signed-in person.
 *
 * @public
 */
export const governanceApiRef = createApiRef<GovernanceApi>().with({
  id: 'plugin.governance.client',
  pluginId: 'governance',
});
