import type { AlarmKind } from '@agentportal/plugin-evals-common';
import type { RunSummary } from '@agentportal/plugin-orchestration-common';

/** What is used of a run that has ended. */
export type EndedRun = Pick<
  RunSummary,
  'id' | 'status' | 'refusedCalls' | 'durationMs' | 'toolsCalled'
> & {
  usage: Pick<RunSummary['usage'], 'inputTokens' | 'outputTokens'> & {
    costNanoUsd: number;
  };
  output?: { message: string };
  finishedAt: string;
};

/** What is watched of each agent run by run. */
export type RunKind = Exclude<AlarmKind, 'calls'>;

/** What became worse. */
export interface Rise {
  /** When it most likely began. */
  since: number;
  /** Share of runs that is usual at most; of calls, how many in so many hours are. */
  usual: number;
  /** Above this a run is long or expensive. */
  threshold?: number;
  /** Of so many runs, or, of calls, in so many hours. */
  happened: number;
  runs: number;
  /** Of calls, that they were of tools that reach outside or are critical. */
  isGrave?: boolean;
  /** The latest of them, the last one last. */
  runIds: string[];
  /** What was seen, in words. */
  evidence: string[];
}
