import {
  type CheckResult,
  type Evaluation,
  type Trial,
  wilsonInterval,
} from '@agentportal/plugin-evals-common';
import { iso } from '../store/iso';

/** An evaluation as it is stored; big integers come as text from PostgreSQL. */
export interface EvaluationRow {
  id: string;
  agent_ref: string;
  data_set_id: string;
  data_set_title: string;
  data_set_version: number;
  label: string;
  candidate: string | null;
  baseline_id: string | null;
  subject_digest: string;
  status: Evaluation['status'];
  reason: string | null;
  trials: number;
  cases: number;
  passed: number;
  failed: number;
  incomplete: number;
  waiting: number;
  without_judge: number;
  latency_p50: number | null;
  latency_p95: number | null;
  cost_nano_usd: number | string | null;
  evaluators: string;
  created_at: number | string;
  created_by: string;
  completed_at: number | string | null;
  // The database has defaults for what is not given.
  judge_calls?: number;
  judge_nano_usd?: number | string;
  judge_max_calls?: number;
  judge_max_nano_usd?: number | string;
  stuck_since?: number | string | null;
}

/** One asking of a case. */
export interface ResultRow {
  evaluation_id: string;
  case_id: string;
  trial: number;
  position: number;
  case_digest: string;
  ask: string;
  state: 'waiting' | 'held' | 'done';
  until: number | string;
  holder: string | null;
  attempts: number;
  turn: number;
  run_id: string | null;
  thread_id: string | null;
  outcome: 'passed' | 'failed' | 'incomplete' | null;
  answer: string | null;
  calls: string | null;
  call_count: number;
  checks: string | null;
  latency_ms: number | string;
  cost_nano_usd: number | string;
}

/** A row as the API tells it. */
export function toEvaluation(row: EvaluationRow): Evaluation {
  const { cases, passed, failed, incomplete, waiting } = row;
  const judged = passed + failed;
  return {
    id: row.id,
    agentRef: row.agent_ref,
    dataSetId: row.data_set_id,
    dataSetTitle: row.data_set_title,
    dataSetVersion: row.data_set_version,
    label: row.label,
    ...(row.candidate && { candidate: JSON.parse(row.candidate) }),
    ...(row.baseline_id && { baselineId: row.baseline_id }),
    subjectDigest: row.subject_digest,
    status: row.status,
    ...(row.reason && { reason: row.reason }),
    trials: row.trials,
    counts: { cases, passed, failed, incomplete, waiting },
    // What was not asked or judged to the end has no score.
    ...(judged > 0 &&
      row.status !== 'incomplete' && {
        passRate: wilsonInterval(passed, judged),
      }),
    ...(row.latency_p50 !== null &&
      row.latency_p95 !== null && {
        latencyMs: { p50: row.latency_p50, p95: row.latency_p95 },
      }),
    ...(row.cost_nano_usd !== null && {
      costNanoUsd: Number(row.cost_nano_usd),
    }),
    ...(row.judge_calls && {
      judge: {
        calls: row.judge_calls,
        costNanoUsd: Number(row.judge_nano_usd),
        maxCalls: Number(row.judge_max_calls),
        maxCostNanoUsd: Number(row.judge_max_nano_usd),
      },
    }),
    evaluators: JSON.parse(row.evaluators),
    ...(row.without_judge > 0 && { withoutJudge: row.without_judge }),
    createdAt: iso(row.created_at),
    createdBy: row.created_by,
    ...(row.completed_at !== null && { completedAt: iso(row.completed_at) }),
  };
}

/** One asking as the API tells it. */
export function toTrial(row: ResultRow): Trial {
  return {
    outcome: row.outcome ?? 'waiting',
    ...(row.run_id && { runId: row.run_id }),
    answer: row.answer ?? '',
    calls: row.calls ? JSON.parse(row.calls) : [],
    checks: checksOf(row),
    ...(row.outcome && {
      latencyMs: Number(row.latency_ms),
      costNanoUsd: Number(row.cost_nano_usd),
    }),
  };
}

export function checksOf({ checks }: Pick<ResultRow, 'checks'>): CheckResult[] {
  return checks ? JSON.parse(checks) : [];
}

/** What checks come to: one that failed decides, then one that says nothing. */
export function outcomeOf(
  checks: CheckResult[],
): 'passed' | 'failed' | 'incomplete' {
  for (const outcome of ['failed', 'incomplete'] as const) {
    if (checks.some(check => check.outcome === outcome)) {
      return outcome;
    }
  }
  return checks.length ? 'passed' : 'incomplete';
}

/** What the trials of a case come to: it passed where it always did. */
export function outcomeOfTrials(
  outcomes: Array<ResultRow['outcome']>,
): Trial['outcome'] {
  for (const outcome of ['failed', null, 'incomplete'] as const) {
    if (outcomes.includes(outcome)) {
      return outcome ?? 'waiting';
    }
  }
  return 'passed';
}
