import { EntityLink } from '@agentportal/plugin-agents-react';
import type { Entity } from '@backstage/catalog-model';
import { useApi } from '@backstage/frontend-plugin-api';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { useLoad, nameOfRef } from '@agentportal/plugin-agents-react';
import { partsOf, refsIn } from './statements';

/** What people call the entities of a page, by ref; a name where the catalog has no title. */
export type Titles = ReadonlyMap<string, string>;

/** What people call an entity. */
export function titleOf(entity: Entity): string {
  const profile = entity.spec?.profile as { displayName?: string } | undefined;
  return entity.metadata.title ?? profile?.displayName ?? entity.metadata.name;
}

/**
 * Reads what the entities that texts name are called, in one request, so that no name
 * turns into another while it is read. Nothing while that is not known.
 */
export function useTitles(
  texts: readonly (string | undefined)[] | undefined,
): Titles | undefined {
  const catalogApi = useApi(catalogApiRef);
  const refs = texts && refsIn(texts);
  const titles = useLoad(refs?.join(' '), async () => {
    const { items } =
      refs && refs.length > 0
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

/** A link to an entity under its title. */
export function TitledLink(props: { entityRef: string; titles: Titles }) {
  const { entityRef, titles } = props;
  return (
    <EntityLink
      entityRef={entityRef}
      title={titles.get(entityRef) ?? nameOfRef(entityRef)}
    />
  );
}

/** A sentence of the backend, with links instead of entity refs. */
export function Sentence(props: { text: string; titles: Titles }) {
  return (
    <>
      {partsOf(props.text).map((part, index) =>
        part.isRef ? (
          <TitledLink
            // eslint-disable-next-line react/no-array-index-key -- the parts of a sentence have no other key
            key={index}
            entityRef={part.text}
            titles={props.titles}
          />
        ) : (
          part.text
        ),
      )}
    </>
  );
}
