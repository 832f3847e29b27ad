import { masked } from '@agentportal/plugin-agents-common';
import { WorkerLimitError } from '@agentportal/plugin-agents-node';
import {
  type CheckResult,
  type EvalCase,
  expectationOf,
} from '@agentportal/plugin-evals-common';
import type { Run } from '@agentportal/plugin-orchestration-common';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { stringifyError } from '@backstage/errors';
import type { DataSetStore } from '../dataSets/DataSetStore';
import type { Attempt } from '../judging/Attempt';
import type { EvalsWorkers } from '../judging/EvalsWorkers';
import { type Judge, JudgeSpentError } from '../judging/Judge';
import type { JudgeBudget } from '../judging/JudgeBudget';
import { toolName } from '../service/toolName';
import type { EvaluationStore } from './EvaluationStore';
import type { Questions } from './Questions';
import { LaterError, RefusedError, type Rehearsals } from './Rehearsals';
import { type EvaluationRow, outcomeOf, type ResultRow } from './rows';
import { subjectDigest, type Subjects } from './Subjects';

/** Of one turn, on the clock. */
const TURN_MS = 10 * 60_000;
const MAX_ANSWER = 32_768;
const MAX_CALLS = 32_768;
const MAX_RETURNED = 200_000;
/** After that long without room for one question an evaluation ends, in place of waiting until somebody stops it. */
const STUCK_FOR_MS = 60 * 60_000;
/** After so many failures of others a question is given up. */
const MAX_ATTEMPTS = 20;

/** Failures that are not the agent's: asked at another time it may well answer. */
const NOT_ITS_OWN = new Set([
  'ModelCallFailed',
  'WorkersLost',
  'DelegationEnded',
  'ToolsUnavailable',
  'InternalError',
]);

/** Asks one question: starts the runs of its turns, waits, judges, and writes what it came to. */
export class Asker {
  readonly #o: {
    dataSets: DataSetStore;
    evaluations: EvaluationStore;
    judge: Judge;
    judgeBudget: JudgeBudget;
    logger: LoggerService;
    questions: Questions;
    rehearsals: Rehearsals;
    subjects: Subjects;
    workers: EvalsWorkers;
  };

  constructor(options: {
    dataSets: DataSetStore;
    evaluations: EvaluationStore;
    judge: Judge;
    judgeBudget: JudgeBudget;
    logger: LoggerService;
    questions: Questions;
    rehearsals: Rehearsals;
    subjects: Subjects;
    workers: EvalsWorkers;
  }) {
    this.#o = options;
  }

  /**
   * Asks what is held here.
   *
   * @returns whether it is done, and has not been given back for later
   */
  async ask(row: ResultRow, signal: AbortSignal): Promise<boolean> {
    const { evaluations, logger, questions } = this.#o;
    try {
      await this.#ask(row, signal);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof RefusedError || error instanceof JudgeSpentError) {
        await this.#end(row, error.message);
        return true;
      }
      const isQueued = error instanceof LaterError && error.isQueued;
      if (
        isQueued &&
        (await evaluations.isStuck(row.evaluation_id, STUCK_FOR_MS))
      ) {
        await this.#end(
          row,
          `No question could be asked for an hour, so it ended: ${error.message} Evaluate again when there is room.`,
        );
        return true;
      }
      const attempts = row.attempts + (isQueued ? 0 : 1);
      if (attempts > MAX_ATTEMPTS) {
        await this.#finishIncomplete(row, stringifyError(error));
        return true;
      }
      if (!isQueued) {
        logger.warn(
          `The question ${row.case_id} of evaluation ${
            row.evaluation_id
          } is asked again: ${stringifyError(error)}`,
        );
      }
      await questions.putBack(
        row,
        error instanceof LaterError ? error.afterMs : 5_000 * attempts,
        attempts,
      );
      return false;
    }
  }

  async #ask(row: ResultRow, signal: AbortSignal): Promise<void> {
    const { dataSets, evaluations } = this.#o;
    const evaluation = await evaluations.get(row.evaluation_id);
    const item = await dataSets.caseOf(
      evaluation.data_set_id,
      evaluation.data_set_version,
      row.case_id,
    );
    if (!item) {
      await this.#finishIncomplete(row, 'The data set has been deleted.');
      return;
    }
    if (!row.run_id) {
      await this.#requireSame(evaluation);
    }
    const { turns } = expectationOf(item);
    let { turn, run_id: runId, thread_id: threadId } = row;
    let latencyMs = Number(row.latency_ms);
    let cost = Number(row.cost_nano_usd);
    for (;;) {
      const { run, id } = await this.#turn(
        { evaluation, item, row, threadId, message: turns[turn] },
        runId,
        signal,
      );
      threadId = run?.threadId ?? threadId;
      latencyMs += run?.durationMs ?? 0;
      cost += run?.usage.costNanoUsd ?? 0;
      const isLast = turn === turns.length - 1;
      if (isLast || run?.status !== 'succeeded') {
        await this.#judge(
          row,
          evaluation,
          item,
          {
            run,
            id,
            asked: turns.join('\n'),
            latencyMs,
            cost,
          },
          signal,
        );
        return;
      }
      turn += 1;
      runId = null;
      const isHeld = await this.#o.questions.note(row, {
        turn,
        run_id: null,
        thread_id: threadId,
        latency_ms: latencyMs,
        cost_nano_usd: cost,
      });
      if (!isHeld) {
        return;
      }
    }
  }

  /**
   * What is asked is what the evaluation says it is of: else a file could be another one for as
   * long as questions are asked, and pass its gate by what that one answered.
   */
  async #requireSame({
    agent_ref: ref,
    candidate,
    subject_digest: digest,
  }: EvaluationRow): Promise<void> {
    const { subjects } = this.#o;
    const [agent, inForce] = await Promise.all([
      subjects.said(ref),
      subjects.inForce(ref),
    ]);
    const tried = candidate ? JSON.parse(candidate) : undefined;
    if (subjectDigest(agent, tried, inForce) !== digest) {
      throw new RefusedError(
        'The agent was changed while it was evaluated. Evaluate it again.',
      );
    }
  }

  /** One turn: its run, started now or by whoever held the question before. */
  async #turn(
    of: {
      evaluation: EvaluationRow;
      item: EvalCase;
      row: ResultRow;
      threadId: string | null;
      message: string;
    },
    startedId: string | null,
    signal: AbortSignal,
  ): Promise<{ id: string; run: Run | undefined }> {
    const { evaluations, questions, rehearsals } = this.#o;
    const { evaluation, item, row, threadId, message } = of;
    let id = startedId;
    if (!id) {
      const started = await rehearsals.start({
        agentRef: evaluation.agent_ref,
        input: { message },
        onBehalfOf: evaluation.created_by,
        rehearsal: item.answers ? { answers: item.answers } : {},
        ...(evaluation.candidate && {
          candidate: JSON.parse(evaluation.candidate),
        }),
        ...(threadId && { threadId }),
      });
      id = started.id;
      if (evaluation.stuck_since) {
        await evaluations.goesOn(evaluation.id);
      }
      const isHeld = await questions.note(row, {
        run_id: id,
        thread_id: started.threadId,
      });
      if (!isHeld) {
        await rehearsals.stop(id);
        throw new Error('Somebody else asks it by now');
      }
    }
    return { id, run: await rehearsals.end(id, { signal, withinMs: TURN_MS }) };
  }

  async #judge(
    row: ResultRow,
    evaluation: EvaluationRow,
    item: EvalCase,
    came: {
      run: Run | undefined;
      id: string;
      asked: string;
      latencyMs: number;
      cost: number;
    },
    signal: AbortSignal,
  ): Promise<void> {
    const { judge, judgeBudget, questions, subjects, workers } = this.#o;
    const { run, id, asked, latencyMs, cost } = came;
    const reason = whyIncomplete(run);
    const steps = (run?.steps ?? []).filter(({ kind }) => kind === 'tool');
    const calls = steps.map(({ toolRef, name, input }) => ({
      tool: (toolRef && toolName(toolRef)) ?? name,
      arguments: input,
    }));
    const answer = (run?.output?.message ?? '').toWellFormed();
    const attempt: Attempt = {
      answer: answer.slice(0, MAX_ANSWER),
      calls,
      asked,
      returned: returnedBy(steps),
      latencyMs,
      costNanoUsd: cost,
      ...(run?.status !== 'succeeded' && {
        failure: run?.error?.message ?? 'It gave no answer.',
      }),
    };
    let checks: CheckResult[];
    if (reason) {
      checks = [incomplete(reason)];
    } else {
      checks = await workers
        .run({ kind: 'judge', item, attempt }, evaluation.agent_ref)
        .catch(error => {
          // Tried again, it would take as long each time.
          if (error instanceof WorkerLimitError) {
            return [incomplete(error.message)];
          }
          throw error;
        });
      const judged = (item.checks ?? []).filter(
        ({ evaluator }) => evaluator === 'judge',
      );
      if (judged.length && attempt.failure === undefined) {
        const { dataClassification } = await subjects.said(
          evaluation.agent_ref,
        );
        for (const check of judged) {
          checks.push(
            await judge.judge(
              check,
              attempt,
              dataClassification,
              signal,
              judgeBudget.of(evaluation.id),
            ),
          );
        }
      }
      if (
        item.checks?.some(({ evaluator }) => evaluator === 'consistency') &&
        attempt.failure === undefined
      ) {
        checks.push({ evaluator: 'consistency', outcome: 'incomplete' });
      }
    }
    await questions.finish(row, {
      run_id: id,
      outcome: outcomeOf(checks),
      answer: cut(answer, MAX_ANSWER),
      calls: callsText(calls),
      call_count: calls.length,
      checks: JSON.stringify(checks),
      latency_ms: Math.round(latencyMs),
      cost_nano_usd: cost,
    });
  }

  /** Ends the evaluation of a question, which cannot go on. */
  async #end(row: ResultRow, reason: string): Promise<void> {
    await this.#o.evaluations.end(row.evaluation_id, {
      status: 'incomplete',
      reason: reason.slice(0, 1_000),
    });
    await this.#finishIncomplete(row, reason);
  }

  async #finishIncomplete(row: ResultRow, reason: string): Promise<void> {
    await this.#o.questions.finish(row, {
      outcome: 'incomplete',
      checks: JSON.stringify([incomplete(reason)]),
    });
  }
}

function incomplete(reason: string): CheckResult {
  return {
    evaluator: 'answer',
    outcome: 'incomplete',
    reason: reason.slice(0, 500),
  };
}

/** Why a run says nothing about the agent, if it does not. */
function whyIncomplete(run: Run | undefined): string | undefined {
  if (!run) {
    return 'It had not ended after ten minutes, or waited for people.';
  }
  if (run.status === 'cancelled') {
    return 'Its run was stopped.';
  }
  const { error } = run;
  return error && NOT_ITS_OWN.has(error.name)
    ? error.message.slice(0, 500)
    : undefined;
}

function returnedBy(steps: Run['steps']): string[] {
  let left = MAX_RETURNED;
  return steps.flatMap(({ output }) => {
    const text =
      typeof output === 'string' ? output : JSON.stringify(output ?? '');
    const kept = text.slice(0, left);
    left -= kept.length;
    return kept ? [kept] : [];
  });
}

/** Calls as they are kept: without secrets, and no more than fits. */
function callsText(calls: Attempt['calls']): string {
  const kept: Attempt['calls'] = [];
  let size = 2;
  for (const call of calls) {
    const said = { tool: call.tool, arguments: masked(call.arguments) };
    const { length } = JSON.stringify(said);
    if (size + length > MAX_CALLS) {
      kept.push({ tool: call.tool });
      size += call.tool.length + 12;
    } else {
      kept.push(said);
      size += length + 1;
    }
  }
  return JSON.stringify(kept);
}

/** No longer than so many bytes, and not in the middle of a character. */
function cut(text: string, bytes: number): string {
  return (
    new TextDecoder()
      .decode(Buffer.from(text, 'utf8').subarray(0, bytes))
      .replace(/\uFFFD$/, '')
      // PostgreSQL takes no such character; in JSON it is an escape, which it does take.
      .replaceAll('\u0000', '')
  );
}
