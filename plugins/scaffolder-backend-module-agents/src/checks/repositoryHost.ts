import { InputError } from '@backstage/errors';
import type { ScmIntegrations } from '@backstage/integration';
import { parseRepoUrl } from '@backstage/plugin-scaffolder-node';

/** Where the repository of a new agent goes. */
export type PublishTarget = 'local' | 'github' | 'gitlab';

const TITLES = { github: 'GitHub', gitlab: 'GitLab' } as const;

/** Makes sure that the portal can create a repository where it is asked to. */
export function checkRepositoryHost(
  target: PublishTarget,
  repoUrl: string | undefined,
  integrations: ScmIntegrations,
): void {
  if (target === 'local') {
    return;
  }
  const title = TITLES[target];
  if (!repoUrl) {
    throw new InputError(
      `Say which ${title} repository to create, or choose the local folder.`,
    );
  }
  const { host } = parseRepoUrl(repoUrl, integrations);
  if (!canWrite(target, host, integrations)) {
    throw new InputError(
      `The portal has no token for ${title} at ${host}. Choose the local folder, or set integrations.${target} with a token for ${host} in app-config.`,
    );
  }
}

function canWrite(
  target: 'github' | 'gitlab',
  host: string,
  integrations: ScmIntegrations,
): boolean {
  if (target === 'github') {
    const config = integrations.github.byHost(host)?.config;
    return Boolean(config?.token || config?.apps?.length);
  }
  return Boolean(integrations.gitlab.byHost(host)?.config.token);
}
