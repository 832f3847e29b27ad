import { useCallback, useEffect, useRef, useState } from 'react';

/**
 * What a component knows of data that it loads. While a newer value is on its
 * way the last one stays, so that nothing on the page jumps.
 *
 * @public
 */
export interface Loaded<T> {
  value?: T;
  error?: Error;
  /** Whether a request is under way. */
  isPending: boolean;
  /** Asks again, keeping what is shown. */
  reload(): void;
}

/**
 * Loads data when the component appears and when `key` changes. An answer that
 * comes after the question changed is dropped, and its request aborted.
 *
 * @param key - identifies what is loaded; `undefined` loads nothing yet
 * @param load - asks for it
 * @public
 */
export function useLoad<T>(
  key: string | undefined,
  load: (signal: AbortSignal) => Promise<T>,
): Loaded<T> {
  const [state, setState] = useState<{
    key?: string;
    value?: T;
    error?: Error;
    isPending: boolean;
  }>({ isPending: key !== undefined });
  const [attempt, setAttempt] = useState(0);
  const latest = useRef(load);
  useEffect(() => {
    latest.current = load;
  });

  useEffect(() => {
    if (key === undefined) {
      setState({ isPending: false });
      return undefined;
    }
    const controller = new AbortController();
    setState(previous => ({
      key,
      value: previous.key === key ? previous.value : undefined,
      isPending: true,
    }));
    latest.current(controller.signal).then(
      value => {
        if (!controller.signal.aborted) {
          setState({ key, value, isPending: false });
        }
      },
      error => {
        if (!controller.signal.aborted) {
          setState(previous => ({ ...previous, error, isPending: false }));
        }
      },
    );
    return () => controller.abort();
  }, [key, attempt]);

  const reload = useCallback(() => setAttempt(count => count + 1), []);
  // Between a new question and its effect, the state still answers the old one.
  const isCurrent = state.key === key;
  return {
    value: isCurrent ? state.value : undefined,
    error: isCurrent ? state.error : undefined,
    isPending: isCurrent ? state.isPending : key !== undefined,
    reload,
  };
}
