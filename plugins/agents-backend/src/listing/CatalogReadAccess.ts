import type { PermissionsService } from '@backstage/backend-plugin-api';
import {
  AuthorizeResult,
  createPermission,
} from '@backstage/plugin-permission-common';
import type { Caller } from './AgentSource';
import { TimedCache } from './TimedCache';

/** The catalog's own permission to read entities, as the catalog defines it. */
const catalogEntityReadPermission = createPermission({
  name: 'catalog.entity.read',
  attributes: { action: 'read' },
  resourceType: 'catalog-entity',
});

/** Which entities of the catalog a caller may see. */
export type VisibleEntities = 'all' | 'none' | 'some';

/**
 * Asks the policy which entities a caller may see, in the same words in which
 * the catalog asks it.
 */
export class CatalogReadAccess {
  readonly #permissions: PermissionsService;
  readonly #decisions = new TimedCache<VisibleEntities>({
    ttlMs: 5_000,
    maxEntries: 1_000,
  });

  private constructor(permissions: PermissionsService) {
    this.#permissions = permissions;
  }

  static create(options: {
    permissions: PermissionsService;
  }): CatalogReadAccess {
    return new CatalogReadAccess(options.permissions);
  }

  async of(caller: Caller): Promise<VisibleEntities> {
    const principal = caller.credentials.principal as {
      type?: string;
      actor?: { subject?: string };
    };
    if (principal.type !== 'user') {
      // What a program may see also depends on its token; the catalog knows.
      return 'some';
    }
    const key = `${caller.key} ${principal.actor?.subject ?? ''}`;
    return this.#decisions.get(key, async () => {
      const [{ result }] = await this.#permissions.authorizeConditional(
        [{ permission: catalogEntityReadPermission }],
        { credentials: caller.credentials },
      );
      switch (result) {
        case AuthorizeResult.ALLOW:
          return 'all';
        case AuthorizeResult.DENY:
          return 'none';
        default:
          return 'some';
      }
    });
  }
}
