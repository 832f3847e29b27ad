import {
  CaseFormatError,
  checkCases,
  type CheckResult,
  type EvalCase,
  readCases,
} from '@agentportal/plugin-evals-common';
import { type ComparedRows, compareRows } from '../evaluations/compareRows';
import type { ComparedRow } from '../evaluations/EvaluationStore';
import type { Attempt, Opinion } from './Attempt';
import { judgeAttempt } from './judgeAttempt';
import {
  clusterFailures,
  type FailureText,
  type TextCluster,
} from '../proposals/clusterFailures';
import { judgeConsistency } from './judgeConsistency';

/** What is foreign and computed in a process of its own, see `EvalsWorkers`. */
export type Task =
  | { kind: 'read'; text: string; format: 'yaml' | 'csv' | 'jsonl' }
  | { kind: 'check'; cases: unknown }
  | { kind: 'judge'; item: EvalCase; attempt: Attempt }
  | { kind: 'consistency'; answers: string[]; atLeast?: number }
  | { kind: 'cluster'; failures: FailureText[] }
  | {
      kind: 'compare';
      baseline: ComparedRow[];
      candidate: ComparedRow[];
      isWhole: boolean;
    };

/** What each kind of task comes to. */
export interface Results {
  read: { cases: EvalCase[] } | { problem: string };
  check: { cases: EvalCase[] } | { problem: string };
  judge: CheckResult[];
  consistency: Opinion;
  cluster: TextCluster[];
  compare: ComparedRows;
}

/** Entry of the workers. */
export async function work(task: Task): Promise<Results[Task['kind']]> {
  switch (task.kind) {
    case 'read':
      return orProblem(() => readCases(task.text, task.format));
    case 'check':
      return orProblem(() => checkCases(task.cases));
    case 'judge':
      return judgeAttempt(task.item, task.attempt);
    case 'consistency':
      return judgeConsistency(task.answers, task.atLeast);
    case 'cluster':
      return clusterFailures(task.failures);
    default:
      return compareRows(task.baseline, task.candidate, task);
  }
}

function orProblem(read: () => EvalCase[]) {
  try {
    return { cases: read() };
  } catch (error) {
    if (error instanceof CaseFormatError) {
      return { problem: error.message };
    }
    throw error;
  }
}
