import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { ConflictError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';

/** Makes sure that no agent of this name is in the catalog. */
export async function checkNameIsFree(
  name: string,
  catalog: CatalogService,
  credentials: BackstageCredentials,
): Promise<void> {
  const ref = `agent:default/${name}`;
  const existing = await catalog.getEntityByRef(ref, { credentials });
  if (existing) {
    throw new ConflictError(
      `There is already an agent ${ref}, owned by ${
        existing.spec?.owner ?? 'nobody'
      }. Choose another name.`,
    );
  }
}
