import { useMemo } from 'react';
import { CopyButton } from '@agentportal/plugin-agents-react';
import styles from './run.module.css';

/** Longer text is cut on the page; the copy button gives all of it. */
const LONGEST = 60_000;

/** Text of a value for people: JSON with indentation, text as it is. */
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

/** A value with a heading and a copy button. */
export function JsonView(props: { title: string; value: unknown }) {
  const { title, value } = props;
  const text = useMemo(() => readable(value), [value]);
  if (text === '' || text === '{}' || text === 'null') {
    return null;
  }
  return (
    <section className={styles.json} aria-label={title}>
      <div className={styles.jsonHead}>
        <h4 className={styles.jsonTitle}>{title}</h4>
        <CopyButton text={text} what={title.toLocaleLowerCase('en-US')} />
      </div>
      {/* Focusable, so that the keyboard can scroll it. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className={styles.jsonText} tabIndex={0} aria-label={title}>
        {text.length > LONGEST ? `${text.slice(0, LONGEST)}\n…` : text}
      </pre>
    </section>
  );
}
