import type { EvalCase } from '@agentportal/plugin-evals-common';

/** What came of asking an agent once, as evaluators see it. */
export interface Attempt {
  answer: string;
  calls: { tool: string; arguments?: unknown }[];
  /** What the person said. */
  asked: string;
  /** What tools returned. */
  returned: string[];
  latencyMs: number;
  costNanoUsd: number;
  /** Why there is no answer, if there is none. */
  failure?: string;
}

type Check = NonNullable<EvalCase['checks']>[number];

/** What an evaluator says of an attempt. */
export interface Opinion {
  outcome: 'passed' | 'failed' | 'incomplete';
  score?: number;
  reason?: string;
}

/** Judges an attempt by a check; a pure function of both. */
export type EvaluatorFunction = (
  check: Check,
  attempt: Attempt,
) => Opinion | Promise<Opinion>;

/** @param reason - told where it is not passed */
export function opinion(
  passed: boolean,
  reason: string,
  score?: number,
): Opinion {
  return {
    outcome: passed ? 'passed' : 'failed',
    ...(score !== undefined && { score: Math.round(score * 1000) / 1000 }),
    ...(!passed && { reason: reason.slice(0, 500) }),
  };
}
