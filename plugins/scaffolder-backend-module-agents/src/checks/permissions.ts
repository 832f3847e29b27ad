import type {
  BackstageCredentials,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { agentsAgentCreatePermission } from '@agentportal/plugin-agents-common';
import { NotAllowedError } from '@backstage/errors';
import { catalogLocationCreatePermission } from '@backstage/plugin-catalog-common/alpha';
import { AuthorizeResult } from '@backstage/plugin-permission-common';

/**
 * Makes sure that the person may create agents, and may register a repository
 * if one is to be made that would be left over otherwise.
 */
export async function checkMayCreate(options: {
  permissions: PermissionsService;
  credentials: BackstageCredentials;
  registersRepository: boolean;
}): Promise<void> {
  const [create, register] = await options.permissions.authorize(
    [
      { permission: agentsAgentCreatePermission },
      { permission: catalogLocationCreatePermission },
    ],
    { credentials: options.credentials },
  );
  if (create.result !== AuthorizeResult.ALLOW) {
    throw new NotAllowedError(
      `You may not create agents: the permission ${agentsAgentCreatePermission.name} is missing. Ask the people who run the portal.`,
    );
  }
  if (
    options.registersRepository &&
    register.result !== AuthorizeResult.ALLOW
  ) {
    throw new NotAllowedError(
      `You may not register repositories in the catalog (${catalogLocationCreatePermission.name}). Choose the local folder, or ask the people who run the portal.`,
    );
  }
}
