import type {
  BackstageCredentials,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { agentsAgentReadPermission } from '@agentportal/plugin-agents-common';

/** Throws unless the caller may use the registry of agents at all. */
export async function authorizeAgentRead(
  permissions: PermissionsService,
  credentials: BackstageCredentials,
): Promise<void> {
  const [decision] = await permissions.authorize(
    [{ permission: agentsAgentReadPermission }],
    { credentials },
  );
  if (decision.result !== AuthorizeResult.ALLOW) {
    throw new NotAllowedError(
      `You may not list agents; ask for the permission ${agentsAgentReadPermission.name}`,
    );
  }
}
