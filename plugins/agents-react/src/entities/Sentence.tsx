import { EntityLink } from './EntityLink';
import { nameOfRef } from './nameOfRef';
import { partsOf, refsIn } from './sentenceParts';
import { useTitles, type Titles } from './titles';
import styles from './entities.module.css';

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
