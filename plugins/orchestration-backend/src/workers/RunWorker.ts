import { EventType } from '@ag-ui/core';
import { ConflictError, NotAllowedError } from '@backstage/errors';
import type { RunWait } from '@agentportal/plugin-orchestration-common';
import { HumanMessage } from '@langchain/core/messages';
import type { RunEventFeeds } from '../events/RunEventFeeds';
import { RunJournal } from '../events/RunJournal';
import type { ExecutionDeps } from '../execution/AgentTask';
import { bookedUsage } from '../execution/bookedUsage';
import { type Budget, createBudget, startClock } from '../execution/Budget';
import { previousMessages, toMessage } from '../execution/conversation';
import { executeAgent } from '../execution/executeAgent';
import { callsSoFar, usageSoFar } from '../execution/progress';
import { findInterrupt } from '../execution/interrupts';
import {
  delegationEnded,
  findLetGo,
  findRunFailure,
  leaseLost,
  RunCancelled,
  RunFailure,
  stepCut,
} from '../execution/RunFailure';
import type { InterruptStore } from '../store/InterruptStore';
import type { JournalStore } from '../store/JournalStore';
import type { LeaseStore, RunEnd } from '../store/LeaseStore';
import { isTriggered, type StoredRun } from '../store/rows';
import type { RunStore } from '../store/RunStore';
import { waitOut } from '../execution/waitOut';
import { retryWrite } from './retryWrite';
import { within } from './within';

/** How long a worker tries to write down how its run ended. */
const END_WITHIN_MS = 60_000;
/** How long it waits to hear what calls have cost that were given up. */
const SETTLED_WITHIN_MS = 4_000;

/** What a worker needs beside what agents need. */
export interface RunWorkerDeps extends ExecutionDeps {
  runs: RunStore;
  leases: LeaseStore;
  interrupts: InterruptStore;
  journalStore: JournalStore;
  feeds: RunEventFeeds;
}

/**
 * Works on one claimed run from its first event to its last, or goes on where
 * another process stopped.
 *
 * @returns false when the run is to go on elsewhere
 */
export async function workOnRun(
  deps: RunWorkerDeps,
  run: StoredRun,
  options: {
    control: AbortController;
    stopping: AbortSignal;
    /** Told of each step that begins or goes on. */
    onStep: () => void;
  },
): Promise<boolean> {
  const { control, stopping, onStep } = options;
  const { id, agentRef, threadId } = run.summary;
  const openJournal = () =>
    RunJournal.create({
      run: { id, fence: run.fence },
      isFork: run.summary.forkedFrom?.step !== undefined,
      store: deps.journalStore,
      feeds: deps.feeds,
      stopping,
      onStep,
      onFailure: error =>
        control.abort(
          ConflictError.is(error)
            ? leaseLost()
            : new RunFailure(
                'InternalError',
                'What the run did could not be written down, so it was stopped. Start it again.',
                { cause: error },
              ),
        ),
    });
  const journal = await waitOut(openJournal, control.signal);
  journal.emit({ type: EventType.RUN_STARTED, threadId, runId: id });

  const budget = createBudget(run.snapshot, deps.config, {
    usage: usageSoFar(run.summary.usage, journal.begun),
    calls: callsSoFar(journal.begun),
  });
  journal.countUsage(() => budget.usage);
  closeCutSteps(deps, run, journal, budget);
  const clock = startClock(budget.limits, run.workedMs);
  const signal = AbortSignal.any([control.signal, clock.signal]);
  let end: RunEnd | undefined;
  let waits: RunWait[] | undefined;
  let unwatch: (() => void) | undefined;
  try {
    signal.throwIfAborted();
    unwatch = await deps.delegations.watch(run.delegationId, signal, reason =>
      control.abort(delegationEnded(reason)),
    );
    const credentials = await deps.delegations.credentials(
      run.delegationId,
      signal,
    );
    const messages = run.initialMessages
      ? run.initialMessages.map(toMessage)
      : await waitOut(() => conversation(deps, run), signal);
    const output = await deps.tracing.startActiveSpan(
      `invoke_agent ${run.snapshot.name}`,
      {
        kind: 'internal',
        credentials,
        attributes: {
          'gen_ai.operation.name': 'invoke_agent',
          'gen_ai.agent.id': agentRef,
          'gen_ai.agent.name': run.snapshot.name,
          'gen_ai.conversation.id': threadId,
          ...(run.rehearsal && { 'agentportal.rehearsal': true }),
        },
      },
      async () =>
        executeAgent(deps, {
          runId: id,
          fence: run.fence,
          checkpoints: id,
          threadId,
          agent: run.snapshot,
          messages,
          rehearsal: run.rehearsal,
          model: run.summary.forkedFrom?.model,
          delegationId: run.delegationId,
          journal,
          signal,
          stopping,
          depth: 0,
          isTriggered: isTriggered(run.summary),
          budget,
        }),
    );
    end = { status: 'succeeded', output };
  } catch (error) {
    waits = findInterrupt(error)?.waits;
    end =
      waits || findLetGo(error)
        ? undefined
        : toEnd(deps, run, await causeOf(deps, run, error));
  } finally {
    unwatch?.();
    clock.stop();
  }
  // A call that was given up may still have to be paid for.
  await within(budget.settled(), SETTLED_WITHIN_MS);
  await journal.close();
  if (waits) {
    const people = waits;
    const isWaiting = await retryWrite(
      () =>
        deps.interrupts.interrupt(
          { id, fence: run.fence },
          people,
          budget.usage,
        ),
      { forMs: END_WITHIN_MS, signal: stopping },
    );
    if (isWaiting) {
      deps.feeds.notify(id);
      return true;
    }
    // Somebody has asked for its end meanwhile, or it is not ours any more.
    end = { status: 'cancelled' };
  }
  if (!end) {
    return false;
  }
  const final = { ...end, usage: budget.usage };
  const ended = await retryWrite(
    () => deps.leases.end({ id, fence: run.fence, isClaimed: true }, final),
    { forMs: END_WITHIN_MS, signal: stopping },
  );
  // Otherwise another process has it, and needs both.
  if (ended) {
    deps.feeds.notify(id);
    await deps.delegations.end(run.delegationId, 'The run has ended.');
  }
  return true;
}

/**
 * Steps in the middle of which a process stopped have failed, and may have cost something.
 * The run does not wait to hear what: the gateway may take seconds to notice.
 */
function closeCutSteps(
  deps: RunWorkerDeps,
  { summary }: StoredRun,
  journal: RunJournal,
  budget: Budget,
): void {
  // A call that people were asked about is looked up when the run comes to it, and nodes
  // of workflows go on.
  const cut = journal.begun.steps.filter(
    ({ approval, kind, status }) =>
      status === 'running' && !approval && kind !== 'node',
  );
  for (const step of cut) {
    const error = stepCut().toRunError();
    if (step.kind !== 'model') {
      journal.endStep(step, { error });
      continue;
    }
    const leave = budget.enter();
    void bookedUsage(deps, { runId: summary.id, index: step.index })
      .then(usage => {
        if (usage) {
          budget.spend(usage);
        }
        journal.endStep(step, { ...(usage && { usage }), error });
      })
      .finally(leave);
  }
}

async function conversation(deps: RunWorkerDeps, run: StoredRun) {
  const { maxTurns } = deps.config.conversation;
  const turns = await deps.runs.listThreadRuns(
    run.summary.threadId,
    2 * maxTurns + 1,
  );
  return [
    ...previousMessages(
      turns.filter(({ summary }) => summary.id !== run.summary.id),
      deps.config.conversation,
    ),
    new HumanMessage(run.message),
  ];
}

/**
 * What a run really failed of: a call that was refused or broken off because the agent was
 * stopped is no fault of the call.
 */
async function causeOf(
  deps: RunWorkerDeps,
  run: StoredRun,
  error: unknown,
): Promise<unknown> {
  // The agent was stopped before it began.
  if (NotAllowedError.is(error)) {
    return delegationEnded(error);
  }
  if (
    error instanceof RunCancelled ||
    findRunFailure(error)?.name === 'DelegationEnded'
  ) {
    return error;
  }
  const reason = await deps.delegations.reasonOfEnd(run.delegationId);
  return reason ? delegationEnded(reason) : error;
}

function toEnd(deps: RunWorkerDeps, run: StoredRun, error: unknown): RunEnd {
  if (error instanceof RunCancelled) {
    return { status: 'cancelled' };
  }
  const failure = findRunFailure(error);
  if (failure) {
    // Somebody decided that it may not go on; nothing has failed.
    const status =
      failure.name === 'DelegationEnded' && NotAllowedError.is(failure.cause)
        ? 'cancelled'
        : 'failed';
    return { status, error: failure.toRunError() };
  }
  deps.logger.error(
    `Run ${run.summary.id} of ${run.summary.agentRef} failed for a reason that nobody foresaw`,
    error instanceof Error ? error : new Error(String(error)),
  );
  return {
    status: 'failed',
    error: {
      name: 'InternalError',
      message:
        'Something went wrong inside the portal, not in your question. Try again; if it stays, tell the people who run the portal the id of this run.',
    },
  };
}
