import type { Trace } from '@agentportal/plugin-traces-common';
import { useEffect, useMemo, useRef, useState } from 'react';

/** New traces come a few seconds after their runs ended anyway. */
const LOOK_AGAIN_MS = 5_000;
/** Further ones are there after the next load of the page. */
const MOST = 500;

interface Followed {
  key: string;
  /** The newest traces, as last read. */
  traces: Map<string, Trace>;
  hasFailed: boolean;
}

/**
 * Traces that came since a list was loaded, the newest first, read again while the page is seen. What is shown
 * stays where it is until it is asked for.
 */
export function useLiveTraces(options: {
  /** Undefined while nothing is followed. */
  key: string | undefined;
  loaded: readonly Trace[];
  /** Reads the newest. */
  read: (signal: AbortSignal) => Promise<readonly Trace[]>;
  /** Whether new ones may be shown at once. */
  isStill: () => boolean;
}): {
  traces: readonly Trace[];
  /** New ones that wait to be shown. */
  waiting: number;
  show: () => void;
  hasFailed: boolean;
} {
  const { key, loaded } = options;
  const latest = useRef(options);
  const [followed, setFollowed] = useState<Followed>();
  const [shown, setShown] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    latest.current = options;
  });

  useEffect(() => {
    if (key === undefined) {
      return undefined;
    }
    const controller = new AbortController();
    const { signal } = controller;
    let isReading = false;
    const look = async () => {
      if (isReading || document.visibilityState === 'hidden') {
        return;
      }
      isReading = true;
      try {
        const found = await latest.current.read(signal);
        if (!signal.aborted) {
          setFollowed(before => {
            const known = before?.key === key ? [...before.traces] : [];
            const traces = new Map([
              ...found.map(trace => [trace.traceId, trace] as const),
              ...known.filter(([id]) => !found.some(of => of.traceId === id)),
            ]);
            return {
              key,
              traces: new Map([...traces].slice(0, MOST)),
              hasFailed: false,
            };
          });
          if (latest.current.isStill()) {
            setShown(before => withMore(before, found));
          }
        }
      } catch {
        if (!signal.aborted) {
          setFollowed(before =>
            before?.key === key
              ? { ...before, hasFailed: true }
              : { key, traces: new Map(), hasFailed: true },
          );
        }
      } finally {
        isReading = false;
      }
    };
    const timer = setInterval(look, LOOK_AGAIN_MS);
    // Whoever comes back wants to see at once what happened.
    document.addEventListener('visibilitychange', look);
    look();
    return () => {
      controller.abort();
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, [key]);

  const { hasFailed = false, traces } =
    key !== undefined && followed?.key === key
      ? followed
      : ({} as Partial<Followed>);
  return useMemo(() => {
    const there = new Set(loaded.map(({ traceId }) => traceId));
    const fresh = [...(traces?.values() ?? [])].filter(
      ({ traceId }) => !there.has(traceId),
    );
    const isSeen = ({ traceId }: Trace) => shown.has(traceId);
    const merged = [
      ...fresh.filter(isSeen),
      ...loaded.map(trace => traces?.get(trace.traceId) ?? trace),
    ].sort((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt));
    return {
      traces: merged,
      waiting: fresh.filter(trace => !isSeen(trace)).length,
      show: () => setShown(before => withMore(before, fresh)),
      hasFailed,
    };
  }, [hasFailed, loaded, shown, traces]);
}

/** What was shown once stays, also when it is none of the newest any more. */
function withMore(
  shown: ReadonlySet<string>,
  traces: readonly Trace[],
): ReadonlySet<string> {
  const ids = traces.map(({ traceId }) => traceId);
  return new Set([...ids, ...shown].slice(0, MOST));
}
