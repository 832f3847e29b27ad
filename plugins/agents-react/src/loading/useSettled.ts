import { useEffect, useState } from 'react';

const PAUSE_MS = 250;

/**
 * A text that follows what is typed once the person pauses; an emptied field
 * counts at once.
 *
 * @public
 */
export function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), text ? PAUSE_MS : 0);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
