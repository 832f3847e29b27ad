import type {
  BackstageCredentials,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { agentsAgentCreatePermission } from '@agentportal/plugin-agents-common';
import { NotAllowedError } from '@backstage/errors';

// The catalog's own permission; restated because it is all that is needed of
// the package that defines it.
const catalogLocationCreatePermission = {
  type: 'basic' as const,
  name: 'catalog.location.create',
  attributes: { action: 'create' as const },
};

/** Makes sure that the person may create agents. */
export async function checkMayCreateAgents(
  permissions: PermissionsService,
  credentials: BackstageCredentials,
): Promise<void> {
  const [decision] = await permissions.authorize(
    [{ permission: agentsAgentCreatePermission }],
    { credentials },
  );
  if (String(decision.result) !== 'ALLOW') {
    throw new NotAllowedError(
      `You may not create agents: the permission ${agentsAgentCreatePermission.name} is missing. Ask the people who run the portal.`,
    );
  }
}

/**
 * Makes sure that the person may register a repository, before one is made
 * that would then be left over.
 */
export async function checkMayRegisterRepositories(
  permissions: PermissionsService,
  credentials: BackstageCredentials,
): Promise<void> {
  const [decision] = await permissions.authorize(
    [{ permission: catalogLocationCreatePermission }],
    { credentials },
  );
  if (String(decision.result) !== 'ALLOW') {
    throw new NotAllowedError(
      'You may not register repositories in the catalog (catalog.location.create). Choose the local folder, or ask the people who run the portal.',
    );
  }
}
