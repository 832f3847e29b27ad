import type { Entity } from '@backstage/catalog-model';
import type { Config } from '@backstage/config';
import path from 'node:path';
import { CatalogTrust, originOf } from '../trust/CatalogTrust';

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
 * Tells of an entity whether nobody but its author has seen what it says: whoever makes agents
 * in the portal writes into that folder, and elsewhere a merge is reviewed. What operators name
 * in their configuration they vouch for.
 *
 * @public
 */
export function unreviewedBy(config: Config): (entity: Entity) => boolean {
  const folder = localRepositoriesFolder(config);
  const trust = CatalogTrust.fromConfig(config);
  return entity =>
    folder !== undefined &&
    (originOf(entity) ?? '').startsWith(`file:${folder}${path.sep}`) &&
    !trust.trusts(entity);
}
