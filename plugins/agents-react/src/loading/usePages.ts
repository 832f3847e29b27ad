import { useCallback, useEffect, useRef, useState } from 'react';

/**
 * One page of a list as our APIs give it.
 *
 * @public
 */
export interface Page<T> {
  items: T[];
  nextCursor?: string;
  totalItems?: number;
}

/**
 * A list that grows page by page.
 *
 * @public
 */
export interface Pages<T> {
  items: T[];
  totalItems?: number;
  /** Nothing has been shown yet and the first page is on its way. */
  isPending: boolean;
  isLoadingMore: boolean;
  hasMore: boolean;
  error?: Error;
  loadMore(): void;
  /** Starts over with the first page, keeping what is shown until it is here. */
  reload(): void;
}

interface State<T> {
  key?: string;
  items: T[];
  totalItems?: number;
  nextCursor?: string;
  phase: 'first' | 'more' | 'idle';
  /** Whether it is known what is in the list, also when that is nothing. */
  isKnown: boolean;
  error?: Error;
}

/**
 * Loads a list page by page, from the start whenever `key` changes.
 *
 * @param key - identifies the list, for example its filters
 * @param load - asks for the page after a cursor, or the first one
 * @public
 */
export function usePages<T>(
  key: string,
  load: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>,
): Pages<T> {
  const [state, setState] = useState<State<T>>({
    items: [],
    phase: 'first',
    isKnown: false,
  });
  const latest = useRef(load);
  const request = useRef<AbortController>();
  useEffect(() => {
    latest.current = load;
  });

  const ask = useCallback((listKey: string, cursor: string | undefined) => {
    request.current?.abort();
    const controller = new AbortController();
    request.current = controller;
    setState(previous => ({
      ...previous,
      key: listKey,
      items: previous.key === listKey ? previous.items : [],
      isKnown: previous.key === listKey && previous.isKnown,
      error: undefined,
      phase: cursor ? 'more' : 'first',
    }));
    latest.current(cursor, controller.signal).then(
      page => {
        if (controller.signal.aborted) return;
        setState(previous => ({
          key: listKey,
          items: cursor ? [...previous.items, ...page.items] : page.items,
          totalItems:
            page.totalItems ?? (cursor ? previous.totalItems : undefined),
          nextCursor: page.nextCursor,
          phase: 'idle',
          isKnown: true,
        }));
      },
      error => {
        if (controller.signal.aborted) return;
        setState(previous => ({
          ...previous,
          error,
          phase: 'idle',
          isKnown: previous.items.length > 0,
        }));
      },
    );
  }, []);

  useEffect(() => {
    ask(key, undefined);
    return () => request.current?.abort();
  }, [ask, key]);

  const { nextCursor, phase } = state;
  const loadMore = useCallback(() => {
    if (nextCursor && phase === 'idle') ask(key, nextCursor);
  }, [ask, key, nextCursor, phase]);
  const reload = useCallback(() => ask(key, undefined), [ask, key]);

  return {
    items: state.items,
    totalItems: state.totalItems,
    isPending: phase === 'first' && !state.isKnown,
    isLoadingMore: phase === 'more',
    hasMore: Boolean(nextCursor),
    error: state.error,
    loadMore,
    reload,
  };
}
