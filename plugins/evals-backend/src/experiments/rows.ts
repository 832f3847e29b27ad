import type {
  Candidate,
  ExperimentMetric,
  ExperimentStatus,
} from '@agentportal/plugin-evals-common';
import type { Figures } from './decide';

/** A row of `evals_experiments`. */
export interface ExperimentRow {
  id: string;
  agent_ref: string;
  title: string;
  hypothesis: string | null;
  candidate: string;
  metric: ExperimentMetric;
  guards: string;
  smallest_difference: number;
  ramp: boolean | number;
  status: ExperimentStatus;
  share: number;
  step: number;
  step_at: number | string;
  started_at: number | string;
  started_by: string;
  ended_at: number | string | null;
  read_until: number | string | null;
  figures: string | null;
  figures_at: number | string | null;
}

/** An experiment as it is kept; times are milliseconds since the epoch. */
export interface StoredExperiment {
  id: string;
  agentRef: string;
  title: string;
  hypothesis?: string;
  candidate: Candidate;
  metric: ExperimentMetric;
  guards: ExperimentMetric[];
  smallestDifference: number;
  ramp: boolean;
  status: ExperimentStatus;
  share: number;
  step: number;
  stepAt: number;
  startedAt: number;
  startedBy: string;
  endedAt?: number;
  /** Of runs that ended. */
  readUntil: number;
  figures?: Figures;
  figuresAt?: number;
}

/** An experiment that begins. */
export type NewExperiment = Pick<
  StoredExperiment,
  | 'agentRef'
  | 'title'
  | 'hypothesis'
  | 'candidate'
  | 'metric'
  | 'guards'
  | 'smallestDifference'
  | 'ramp'
  | 'share'
  | 'startedBy'
>;

/** What became of a run of an experiment. */
export interface Outcome {
  runId: string;
  step: number;
  /** Who was assigned, as a digest. */
  unit: string;
  candidate: boolean;
  failed: boolean;
  durationMs: number;
  costNanoUsd: number;
}

/** Reads a row; PostgreSQL gives big integers as strings. */
export function toStored(row: ExperimentRow): StoredExperiment {
  return {
    id: row.id,
    agentRef: row.agent_ref,
    title: row.title,
    ...(row.hypothesis !== null && { hypothesis: row.hypothesis }),
    candidate: JSON.parse(row.candidate),
    metric: row.metric,
    guards: JSON.parse(row.guards),
    smallestDifference: row.smallest_difference,
    ramp: Boolean(row.ramp),
    status: row.status,
    share: row.share,
    step: row.step,
    stepAt: Number(row.step_at),
    startedAt: Number(row.started_at),
    startedBy: row.started_by,
    ...(row.ended_at !== null && { endedAt: Number(row.ended_at) }),
    readUntil: Number(row.read_until ?? row.started_at),
    ...(row.figures !== null && { figures: JSON.parse(row.figures) }),
    ...(row.figures_at !== null && { figuresAt: Number(row.figures_at) }),
  };
}
