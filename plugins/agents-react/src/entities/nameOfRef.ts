import { parseEntityRef } from '@backstage/catalog-model';

/**
 * The shortest readable form of an entity ref, for places that have no room to
 * look its title up: the name, with its namespace unless that is `default`.
 * Text that is no entity ref comes back as it is.
 *
 * @public
 */
export function nameOfRef(entityRef: string): string {
  try {
    const { namespace, name } = parseEntityRef(entityRef, {
      defaultKind: 'unknown',
      defaultNamespace: 'default',
    });
    return namespace === 'default' ? name : `${namespace}/${name}`;
  } catch {
    return entityRef;
  }
}
