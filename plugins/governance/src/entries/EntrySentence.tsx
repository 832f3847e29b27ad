import { EntityLink } from '@agentportal/plugin-agents-react';
import { EntityDisplayName } from '@backstage/plugin-catalog-react';
import { Fragment } from 'react';

/** Entity refs, people who were erased, and the portal's own services. */
const NAMES =
  /\b((?:agent|user|group|tool|api|component|system|domain|model|resource|template|location):[\w.-]+\/[\w.-]*\w|subject:[\w-]+|plugin:[\w-]+)/gi;

/**
 * A sentence of the audit log with the names that people know in the place of refs.
 *
 * @param props.withLinks - leads to what is named; not inside of a button
 */
export function EntrySentence(props: { text: string; withLinks?: boolean }) {
  const parts = props.text.split(NAMES);
  return (
    <>
      {parts.map((part, index) => (
        // The parts of one sentence never change places.
        // eslint-disable-next-line react/no-array-index-key
        <Fragment key={index}>
          {index % 2 ? (
            <Named
              text={part}
              withLinks={props.withLinks}
              isFirst={!parts.slice(0, index).join('')}
            />
          ) : (
            part
          )}
        </Fragment>
      ))}
    </>
  );
}

/** Somebody or something that an entry names. */
export function Named(props: {
  text: string;
  withLinks?: boolean;
  /** Whether a sentence begins with it. */
  isFirst?: boolean;
}) {
  const { text, withLinks, isFirst } = props;
  if (text.startsWith('subject:')) {
    return (
      <span title={text}>{isFirst ? 'A' : 'a'} person who was erased</span>
    );
  }
  if (text.startsWith('plugin:')) {
    return (
      <span title={text}>{`${isFirst ? 'The' : 'the'} portal (${text.slice(
        7,
      )})`}</span>
    );
  }
  if (!/^[a-z]+:[^/]+\/.+/i.test(text)) {
    return <code>{text}</code>;
  }
  return withLinks ? (
    <EntityLink entityRef={text} withAvatar />
  ) : (
    <strong>
      <EntityDisplayName entityRef={text} hideIcon disableTooltip />
    </strong>
  );
}
