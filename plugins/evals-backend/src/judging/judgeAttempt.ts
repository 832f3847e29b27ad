import {
  type CheckResult,
  type EvalCase,
  type Evaluator,
  expectationOf,
  grade,
} from '@agentportal/plugin-evals-common';
import type { Attempt, EvaluatorFunction, Opinion } from './Attempt';
import * as answers from './evaluators/answers';
import * as calls from './evaluators/calls';
import { grounded } from './evaluators/grounded';
import { guard } from './evaluators/guard';
import { jsonSchema } from './evaluators/jsonSchema';
import { language } from './evaluators/language';

/** Those that need more than the attempt, see `Judge` and `judgeConsistency`. */
export type LaterEvaluator = 'judge' | 'consistency';

const EVALUATORS: Record<
  Exclude<Evaluator, LaterEvaluator>,
  EvaluatorFunction
> = {
  equals: answers.equals,
  contains: answers.contains,
  excludes: answers.excludes,
  matches: answers.matches,
  number: answers.number,
  similar: answers.similar,
  latency: answers.latency,
  cost: answers.cost,
  'json-schema': jsonSchema,
  grounded,
  'calls-in-order': calls.callsInOrder,
  'calls-exactly': calls.callsExactly,
  'forbidden-call': calls.forbiddenCall,
  'call-count': calls.callCount,
  guard,
  language,
};

/**
 * What the expectations and checks of a case say of an attempt, but for those that need more
 * than it. For a worker: answers and patterns are of others.
 */
export async function judgeAttempt(
  item: EvalCase,
  attempt: Attempt,
): Promise<CheckResult[]> {
  if (attempt.failure !== undefined) {
    return [
      { evaluator: 'answer', outcome: 'failed', reason: attempt.failure },
    ];
  }
  const results = expectationResults(item, attempt);
  for (const check of item.checks ?? []) {
    const judge = EVALUATORS[check.evaluator as keyof typeof EVALUATORS];
    if (judge) {
      const { evaluator } = check;
      results.push({ evaluator, ...(await judge(check, attempt)) });
    }
  }
  return results;
}

function expectationResults(item: EvalCase, attempt: Attempt): CheckResult[] {
  const expected = expectationOf(item);
  const right = grade(expected, attempt);
  const called =
    attempt.calls
      .map(call => `${call.tool} ${JSON.stringify(call.arguments ?? {})}`)
      .join('; ') || 'nothing';
  const result = (
    evaluator: string,
    passed: boolean,
    reason: string,
  ): CheckResult & Opinion => ({
    evaluator,
    outcome: passed ? 'passed' : 'failed',
    ...(!passed && { reason: reason.slice(0, 500) }),
  });
  return [
    ...(expected.calls
      ? [
          result('tools', right.tool, `It called ${called}.`),
          // Which arguments, where none are expected, is what tools says.
          ...(right.tool && expected.calls.length
            ? [result('arguments', right.arguments, `It called ${called}.`)]
            : []),
        ]
      : []),
    ...(expected.facts.length || expected.without || !item.checks?.length
      ? [
          result(
            expected.without ?? 'facts',
            right.facts,
            expected.without === 'decline'
              ? 'It does not say that it cannot.'
              : 'It does not say what was expected, or pours out a whole record.',
          ),
        ]
      : []),
  ];
}
