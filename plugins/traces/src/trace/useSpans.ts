import { useCallback, useEffect, useState } from 'react';
import type { Span } from '@agentportal/plugin-traces-common';
import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import { tracesApiRef } from '../api/tracesApiRef';

/** A trace of some hundred spans is here with one answer; the rest of a large one follows in larger pages. */
const FIRST_PAGE = 1_000;
const PAGE = 2_000;

interface State {
  spans: readonly Span[];
  /** How many there are; unknown until the first are here. */
  total?: number;
  isPending: boolean;
  error?: Error;
}

const START: State = { spans: [], isPending: true };

/** Loads the tree of a trace: what is here is shown while more comes, always below it. */
export function useSpans(traceId: string): State & { reload: () => void } {
  const api = useApi(tracesApiRef);
  const [state, setState] = useState<State>(START);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const loadAll = async () => {
      let cursor: string | undefined;
      let spans: readonly Span[] = [];
      do {
        const page = await api.listSpans(
          traceId,
          { limit: cursor ? PAGE : FIRST_PAGE, cursor },
          { signal },
        );
        signal.throwIfAborted();
        spans = [...spans, ...page.items];
        cursor = page.nextCursor;
        setState({
          spans,
          total: page.totalItems,
          isPending: cursor !== undefined,
        });
      } while (cursor);
    };
    setState(START);
    loadAll().catch(error => {
      if (!signal.aborted) {
        setState(before => ({
          ...before,
          isPending: false,
          error: toError(error),
        }));
      }
    });
    return () => controller.abort();
  }, [api, attempt, traceId]);
  const reload = useCallback(() => setAttempt(before => before + 1), []);
  return { ...state, reload };
}
