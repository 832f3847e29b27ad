import type { Entity } from '@backstage/catalog-model';
import { useApiHolder } from '@backstage/frontend-plugin-api';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { useLoad } from '../loading';
import { nameOfRef } from './nameOfRef';
import { refsIn } from './sentenceParts';

/**
 * What people call the entities of a page, by ref; a name where the catalog has no title.
 *
 * @public
 */
export type Titles = ReadonlyMap<string, string>;

/**
 * What people call an entity.
 *
 * @public
 */
export function titleOf(entity: Entity): string {
  // Of most kinds nobody has checked what a profile is.
  const { displayName } = (entity.spec?.profile ?? {}) as {
    displayName?: unknown;
  };
  const said = typeof displayName === 'string' ? displayName : undefined;
  return entity.metadata.title ?? said ?? entity.metadata.name;
}

/**
 * Reads what the entities that texts name are called, in one request, so that no name
 * turns into another while it is read. Nothing while that is not known.
 *
 * @public
 */
export function useTitles(
  texts: readonly (string | undefined)[] | undefined,
): Titles | undefined {
  // Sentences are also shown where there is no catalog to ask.
  const catalogApi = useApiHolder().get(catalogApiRef);
  const refs = texts && refsIn(texts);
  const titles = useLoad(refs?.join(' '), async () => {
    const { items } =
      catalogApi && refs && refs.length > 0
        ? await catalogApi.getEntitiesByRefs({
            entityRefs: refs,
            fields: ['metadata', 'spec.profile'],
          })
        : { items: [] };
    return new Map(
      (refs ?? []).map((ref, index) => {
        const entity = items[index];
        return [ref, entity ? titleOf(entity) : nameOfRef(ref)];
      }),
    );
  });
  // Without the catalog names are what the refs hold.
  return titles.error ? new Map() : titles.value;
}
