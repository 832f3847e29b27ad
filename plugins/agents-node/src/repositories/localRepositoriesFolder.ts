import type { Config } from '@backstage/config';
import path from 'node:path';

const DEFAULT_PATH = '.data/agent-repositories';

/**
 * The folder, as an absolute path, in which golden paths keep the Git repositories
 * of agents while no Git host is configured. Undefined where there is none: a
 * database that replicas share does not go with a folder that they do not share.
 *
 * @public
 */
export function localRepositoriesFolder(config: Config): string | undefined {
  const client =
    config.getOptionalString('backend.database.plugin.catalog.client') ??
    config.getOptionalString('backend.database.client');
  if (client && !client.includes('sqlite')) {
    return undefined;
  }
  return path.resolve(
    config.getOptionalString('agents.localRepositories.path') ?? DEFAULT_PATH,
  );
}

/**
 * Whether an agent comes from that folder. Whoever makes agents in the portal writes there,
 * and nobody reviews it.
 *
 * @param origin - of its entity, as `originOf` tells it
 * @public
 */
export function isInLocalRepository(
  origin: string | null | undefined,
  folder: string | undefined,
): boolean {
  return (
    folder !== undefined &&
    (origin ?? '').startsWith(`file:${folder}${path.sep}`)
  );
}
