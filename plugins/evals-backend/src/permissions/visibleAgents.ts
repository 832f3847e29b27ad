import type {
  BackstageCredentials,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { catalogEntityReadPermission } from '@backstage/plugin-catalog-common/alpha';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { AuthorizeResult } from '@backstage/plugin-permission-common';

const BATCH = 200;

/** Which of the agents that are asked about somebody may see; undefined is all. */
export type VisibleAgents = (
  credentials: BackstageCredentials,
  known: () => Promise<string[]>,
) => Promise<string[] | undefined>;

/**
 * Asks the policy as the catalog does. A decision with conditions only the catalog can
 * judge, as the rules are its own, so it is asked for the entities as the caller.
 */
export function createVisibleAgents(options: {
  catalog: CatalogService;
  permissions: PermissionsService;
}): VisibleAgents {
  const { catalog, permissions } = options;
  return async (credentials, known) => {
    const [{ result }] = await permissions.authorizeConditional(
      [{ permission: catalogEntityReadPermission }],
      { credentials },
    );
    if (result !== AuthorizeResult.CONDITIONAL) {
      return result === AuthorizeResult.ALLOW ? undefined : [];
    }
    const refs = await known();
    const visible: string[] = [];
    for (let i = 0; i < refs.length; i += BATCH) {
      const entityRefs = refs.slice(i, i + BATCH);
      const { items } = await catalog.getEntitiesByRefs(
        { entityRefs, fields: ['kind'] },
        { credentials },
      );
      visible.push(...entityRefs.filter((_, at) => items[at]));
    }
    return visible;
  };
}
