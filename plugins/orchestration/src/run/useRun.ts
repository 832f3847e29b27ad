import { useCallback, useEffect, useMemo, useState } from 'react';
import {
  FINAL_RUN_STATUSES,
  isFinalRunEvent,
  mayPass,
  stepOfEvent,
  type Run,
} from '@agentportal/plugin-orchestration-common';
import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import { isNotFound } from '@agentportal/plugin-agents-react';
import { orchestrationApiRef } from '../api';
import { NOTHING_YET, afterEvent, type LiveRun } from './liveRun';

/** A run that is followed while it is under way. */
export interface FollowedRun {
  run?: Run;
  /** What the agent is writing right now, or had begun to write when the run ended. */
  text: string;
  /** Whether more is to come. */
  isLive: boolean;
  /** Whether the portal does not answer for now, and is asked again by and by. */
  isAway: boolean;
  error?: Error;
  reload: () => void;
}

/** Tokens come faster than eyes; the page is painted at most this often. */
const PAINT_EVERY_MS = 50;

/** A portal that restarts is back within this time, and its runs with it. */
const WAIT_FOR_PORTAL_MS = 3 * 60_000;
const LOOK_AGAIN_MS = 2_000;

/** How its nodes stand is worked out where the workflow is, and asked for at most this often. */
const GRAPH_EVERY_MS = 1_000;
/** A run with a thousand steps takes long to be read, so it is read less often: this many times as long apart. */
const GRAPH_PAUSES = 20;

interface State {
  runId?: string;
  run?: Run;
  live: LiveRun;
  isLive: boolean;
  isAway: boolean;
  error?: Error;
}

const START: State = { live: NOTHING_YET, isLive: false, isAway: false };

export function isFinal(run: Pick<Run, 'status'>): boolean {
  return FINAL_RUN_STATUSES.includes(run.status);
}

/**
 * Loads a run and, until it ends, follows its events. The stream replays from the
 * run's start, so a page that is opened in the middle shows everything.
 *
 * @param runId - nothing is loaded while it is undefined
 */
export function useRun(runId: string | undefined): FollowedRun {
  const api = useApi(orchestrationApiRef);
  const [state, setState] = useState<State>(START);
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    if (!runId) {
      setState(START);
      return undefined;
    }
    const controller = new AbortController();
    const { signal } = controller;
    let live = NOTHING_YET;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let awaySince: number | undefined;
    let wasThere = false;
    let graphTimer: ReturnType<typeof setTimeout> | undefined;
    let graphPauseMs = GRAPH_EVERY_MS;
    let isGraphOld = false;
    const readGraph = async () => {
      isGraphOld = false;
      const began = performance.now();
      try {
        const { graph } = await api.getRun(runId, { signal });
        setState(before =>
          before.run && before.isLive
            ? { ...before, run: { ...before.run, graph } }
            : before,
        );
      } catch {
        // The next step asks again.
      }
      graphPauseMs = Math.max(
        GRAPH_EVERY_MS,
        GRAPH_PAUSES * (performance.now() - began),
      );
      graphTimer =
        isGraphOld && !signal.aborted
          ? setTimeout(readGraph, graphPauseMs)
          : undefined;
    };
    const paint = () => {
      timer = undefined;
      setState(before => ({ ...before, live }));
    };

    /** An answer that was not finished is in the events only. */
    const readBegun = async () => {
      try {
        for await (const { event } of api.streamEvents(runId, { signal })) {
          live = afterEvent(live, event);
          timer ??= setTimeout(paint, PAINT_EVERY_MS);
        }
      } catch {
        // The run itself is there; without its events only these words are missing.
      }
    };

    const follow = async () => {
      const run = await api.getRun(runId, { signal });
      signal.throwIfAborted();
      wasThere = true;
      if (isFinal(run)) {
        setState({ ...START, runId, run, live });
        if (!run.output && run.steps.length > 0) {
          await readBegun();
        }
        return;
      }
      awaySince = undefined;
      setState({ ...START, runId, run, live, isLive: true });
      let isWaiting = run.status === 'interrupted';
      for await (const { event } of api.streamEvents(runId, { signal })) {
        live = afterEvent(live, event);
        timer ??= setTimeout(paint, PAINT_EVERY_MS);
        if (run.graph && stepOfEvent(event)) {
          isGraphOld = true;
          graphTimer ??= setTimeout(readGraph, graphPauseMs);
        }
        const stops = event.type === 'RUN_FINISHED' && !isFinalRunEvent(event);
        // For whom it waits, and that it goes on, is in the run and not in its events.
        if (stops || (isWaiting && event.type === 'RUN_STARTED')) {
          isWaiting = stops;
          const now = await api.getRun(runId, { signal });
          signal.throwIfAborted();
          setState(before => ({
            ...before,
            // It goes on before that is in the run.
            run: stops
              ? now
              : { ...now, status: 'running', waitingFor: undefined },
          }));
        }
      }
      const ended = await api.getRun(runId, { signal });
      signal.throwIfAborted();
      clearTimeout(timer);
      setState({ ...START, runId, run: ended, live });
    };

    setState(before => (before.runId === runId ? before : { ...START, runId }));
    const followAndWait = () => {
      follow().catch(reason => {
        if (signal.aborted) {
          return;
        }
        awaySince ??= Date.now();
        // A portal that starts knows no path of a plugin until that is there.
        const isStarting = wasThere && isNotFound(toError(reason));
        const isAway =
          (mayPass(reason) || isStarting) &&
          Date.now() - awaySince < WAIT_FOR_PORTAL_MS;
        setState(before => ({
          ...before,
          isLive: isAway,
          isAway,
          error: toError(reason),
        }));
        if (isAway) {
          timer = setTimeout(followAndWait, LOOK_AGAIN_MS);
        }
      });
    };
    followAndWait();
    return () => {
      controller.abort();
      clearTimeout(timer);
      clearTimeout(graphTimer);
    };
  }, [api, runId, attempt]);

  const reload = useCallback(() => setAttempt(before => before + 1), []);
  const { run, live, isLive, isAway, error } =
    state.runId === runId ? state : START;
  const now = useMemo(
    () => (run && isLive ? withLiveSteps(run, live) : run),
    [run, isLive, live],
  );
  return {
    run: now,
    text: live.text,
    isLive,
    isAway,
    error,
    reload,
  };
}

function withLiveSteps(run: Run, live: LiveRun): Run {
  const known = new Set(live.steps.map(step => step.id));
  const steps = [
    ...run.steps.filter(step => !known.has(step.id)),
    ...live.steps,
  ].sort((a, b) => a.index - b.index);
  return {
    ...run,
    status:
      run.status === 'queued' && steps.length > 0 ? 'running' : run.status,
    steps,
  };
}
