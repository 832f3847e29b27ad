import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { ConflictError, InputError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const LONGEST_NAME = 63;

/**
 * Makes sure that a name is good for an entity, a folder and a repository at
 * once; so it can hold no path.
 */
export function checkAgentName(name: string): string {
  if (name.length > LONGEST_NAME || !NAME.test(name)) {
    throw new InputError(
      `"${name.slice(
        0,
        80,
      )}" cannot be the name of an agent: use up to ${LONGEST_NAME} lower-case letters and digits, with single dashes between them, starting with a letter, for example order-desk`,
    );
  }
  return name;
}

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
