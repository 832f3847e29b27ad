import { useEffect, useRef, useState } from 'react';

const DEBOUNCE_MS = 250;

/**
 * The text of a search field: what is typed shows at once, what is asked follows
 * when the person pauses. Going back in the browser sets the field, too.
 */
export function useSearchText(
  committed: string,
  commit: (text: string) => void,
): [string, (text: string) => void] {
  const [text, setText] = useState(committed);
  const lastCommit = useRef(committed);
  const latest = useRef(commit);
  useEffect(() => {
    latest.current = commit;
  });

  useEffect(() => {
    if (committed !== lastCommit.current) {
      lastCommit.current = committed;
      setText(committed);
    }
  }, [committed]);

  useEffect(() => {
    if (text === lastCommit.current) {
      return undefined;
    }
    const timer = setTimeout(() => {
      lastCommit.current = text;
      latest.current(text);
    }, DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [text]);

  return [text, setText];
}
