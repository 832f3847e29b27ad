import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { fullRef } from './owner';

/**
 * Makes sure that the members of a team are agents that the person may see.
 *
 * @returns them as full entity refs.
 */
export async function checkMembers(
  members: string[],
  catalog: CatalogService,
  credentials: BackstageCredentials,
): Promise<string[]> {
  const entityRefs = members.map(ref => fullRef(ref, 'agent', 'member'));
  const { items } = await catalog.getEntitiesByRefs(
    { entityRefs, fields: ['kind'] },
    { credentials },
  );
  const missing = entityRefs.filter(
    (ref, i) => !items[i] || !ref.startsWith('agent:'),
  );
  if (missing.length) {
    throw new InputError(
      `There is no agent ${missing.join(
        ', ',
      )} that you may see. Choose members from the registry of agents.`,
    );
  }
  return entityRefs;
}
