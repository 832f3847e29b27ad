import { useMemo, type ReactNode } from 'react';
import { CopyButton } from '../feedback';
import styles from './values.module.css';

/** Longer text is cut on the page; the copy button gives all of it. */
const LONGEST = 60_000;

/**
 * Text of a value for people: JSON with indentation, text as it is.
 *
 * @public
 */
export function readable(value: unknown): string {
  if (typeof value === 'string') {
    const text = value.trim();
    if (/^[[{]/.test(text)) {
      try {
        return JSON.stringify(JSON.parse(text), null, 2);
      } catch {
        return value;
      }
    }
    return value;
  }
  return JSON.stringify(value, null, 2) ?? '';
}

/**
 * Something under a heading, with a button that copies it.
 *
 * @public
 */
export function CopiedSection(props: {
  title: string;
  /** What lands in the clipboard. */
  text: string;
  children: ReactNode;
}) {
  const { children, text, title } = props;
  return (
    <section className={styles.section} aria-label={title}>
      <div className={styles.head}>
        <h4 className={styles.title}>{title}</h4>
        <CopyButton text={text} what={title.toLocaleLowerCase('en-US')} />
      </div>
      {children}
    </section>
  );
}

/**
 * A value with a heading and a copy button.
 *
 * @public
 */
export function JsonView(props: { title: string; value: unknown }) {
  const { title, value } = props;
  const text = useMemo(() => readable(value), [value]);
  if (text === '' || text === '{}' || text === 'null') {
    return null;
  }
  return (
    <CopiedSection title={title} text={text}>
      {/* Focusable, so that the keyboard can scroll it. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className={styles.text} tabIndex={0} aria-label={title}>
        {text.length > LONGEST ? `${text.slice(0, LONGEST)}\n…` : text}
      </pre>
    </CopiedSection>
  );
}
