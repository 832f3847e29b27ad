import { useMemo } from 'react';
import { compareWords } from './compareWords';

const TAGS = { both: 'span', left: 'del', right: 'ins' } as const;

/**
 * One text as it becomes another: what goes is a `del`, what comes an `ins`, in the order of
 * reading. The colours are the page's.
 *
 * @public
 */
export function ChangedWords(props: { before: string; after: string }) {
  const { after, before } = props;
  // Long texts take a while, and there may be a field beside them that is typed into.
  const stretches = useMemo(() => compareWords(before, after), [before, after]);
  return (
    <>
      {stretches.map(({ side, text }, index) => {
        const Tag = TAGS[side];
        // Stretches are never reordered.
        // eslint-disable-next-line react/no-array-index-key
        return <Tag key={index}>{text}</Tag>;
      })}
    </>
  );
}
