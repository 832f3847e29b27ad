import { Fragment } from 'react';
import type { Stretch } from './compareWords';
import styles from './comparison.module.css';

/**
 * One side of two texts that were compared; what the other one does not have is marked.
 *
 * @public
 */
export function ComparedWords(props: {
  /** What the text is, for assistive technology. */
  title: string;
  side: 'left' | 'right';
  /** From `compareWords`. */
  stretches: readonly Stretch[];
}) {
  const Mark = props.side === 'left' ? 'del' : 'ins';
  return (
    <section className={styles.words} aria-label={props.title}>
      {props.stretches.map(({ side, text }, i) => {
        if (side === 'both') {
          // Stretches are never reordered.
          // eslint-disable-next-line react/no-array-index-key
          return <Fragment key={i}>{text}</Fragment>;
        }
        // eslint-disable-next-line react/no-array-index-key
        return side === props.side ? <Mark key={i}>{text}</Mark> : null;
      })}
    </section>
  );
}
