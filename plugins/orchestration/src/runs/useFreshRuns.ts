import { useEffect, useMemo, useState } from 'react';
import type {
  ListRunsQuery,
  RunSummary,
} from '@agentportal/plugin-orchestration-common';
import { useApi } from '@backstage/frontend-plugin-api';
import { orchestrationApiRef } from '../api';

const EVERY_MS = 5_000;
const LOOK_AT = 50;

/**
 * Keeps a list of runs fresh without moving it: rows that are shown take their
 * new status in place, and runs that came after are only counted until the person
 * asks for them.
 */
export function useFreshRuns(
  query: ListRunsQuery,
  shown: readonly RunSummary[],
): { runs: RunSummary[]; newCount: number } {
  const api = useApi(orchestrationApiRef);
  const key = JSON.stringify(query);
  const [latest, setLatest] = useState<{ key: string; items: RunSummary[] }>({
    key,
    items: [],
  });

  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const timer = setInterval(() => {
      if (document.visibilityState === 'hidden') {
        return;
      }
      api.listRuns({ ...JSON.parse(key), limit: LOOK_AT }, { signal }).then(
        ({ items }) => !signal.aborted && setLatest({ key, items }),
        // The list stays as it is; the next turn may succeed.
        () => {},
      );
    }, EVERY_MS);
    return () => {
      controller.abort();
      clearInterval(timer);
    };
  }, [api, key]);

  return useMemo(() => {
    const fresh = latest.key === key ? latest.items : [];
    const byId = new Map(fresh.map(run => [run.id, run]));
    const newestShown = shown[0]?.createdAt ?? '';
    const ids = new Set(shown.map(run => run.id));
    return {
      runs: shown.map(run => byId.get(run.id) ?? run),
      newCount: fresh.filter(
        run => !ids.has(run.id) && run.createdAt >= newestShown,
      ).length,
    };
  }, [latest, key, shown]);
}
