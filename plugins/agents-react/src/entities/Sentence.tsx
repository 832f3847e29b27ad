import type { Entity } from '@backstage/catalog-model';
import { useApiHolder } from '@backstage/frontend-plugin-api';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { useLoad } from '../loading';
import { EntityLink } from './EntityLink';
import { nameOfRef } from './nameOfRef';
import { partsOf, refsIn } from './sentenceParts';
import styles from './entities.module.css';

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
  const profile = entity.spec?.profile as { displayName?: string } | undefined;
  return entity.metadata.title ?? profile?.displayName ?? entity.metadata.name;
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

/**
 * A link to an entity under its title.
 *
 * @public
 */
export function TitledLink(props: { entityRef: string; titles: Titles }) {
  const { entityRef, titles } = props;
  return (
    <EntityLink
      entityRef={entityRef}
      title={titles.get(entityRef) ?? nameOfRef(entityRef)}
    />
  );
}

const NONE: Titles = new Map();

function Linked(props: { text: string; titles: Titles; plain?: boolean }) {
  const { plain, titles } = props;
  return (
    <>
      {partsOf(props.text).map(({ isRef, text }, index) => {
        if (!isRef) return text;
        return plain ? (
          titles.get(text) ?? nameOfRef(text)
        ) : (
          // eslint-disable-next-line react/no-array-index-key -- the parts of a sentence have no other key
          <TitledLink key={index} entityRef={text} titles={titles} />
        );
      })}
    </>
  );
}

/** Keeps the place of a sentence until the names in it are known. */
function Read({ text, plain }: { text: string; plain?: boolean }) {
  const titles = useTitles([text]);
  return titles ? (
    <Linked text={text} titles={titles} plain={plain} />
  ) : (
    <span aria-busy="true" className={styles.awaited}>
      {text}
    </span>
  );
}

/**
 * A sentence of the backend, with links instead of entity refs.
 *
 * @public
 */
export function Sentence(props: {
  text: string;
  /** What is known already; read from the catalog when left out. */
  titles?: Titles;
  /** Names without links: inside of a button or a link. */
  plain?: boolean;
}) {
  const { plain, text, titles } = props;
  if (titles) {
    return <Linked text={text} titles={titles} plain={plain} />;
  }
  return refsIn([text]).length > 0 ? (
    <Read text={text} plain={plain} />
  ) : (
    <Linked text={text} titles={NONE} />
  );
}
