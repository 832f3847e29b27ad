import { EventType } from '@ag-ui/core';
import { NotAllowedError } from '@backstage/errors';
import { HumanMessage } from '@langchain/core/messages';
import type { RunEventFeeds } from '../events/RunEventFeeds';
import { RunJournal } from '../events/RunJournal';
import type { ExecutionDeps } from '../execution/AgentTask';
import { createBudget } from '../execution/Budget';
import { previousMessages } from '../execution/conversation';
import { executeAgent } from '../execution/executeAgent';
import {
  delegationEnded,
  findRunFailure,
  leaseLost,
  RunCancelled,
  RunFailure,
} from '../execution/RunFailure';
import type { JournalStore } from '../store/JournalStore';
import type { LeaseStore, RunEnd } from '../store/LeaseStore';
import type { StoredRun } from '../store/rows';
import type { RunStore } from '../store/RunStore';
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
  journalStore: JournalStore;
  feeds: RunEventFeeds;
}

/** Works on one claimed run from its first event to its last. */
export async function workOnRun(
  deps: RunWorkerDeps,
  run: StoredRun,
  control: AbortController,
  stopping: AbortSignal,
): Promise<void> {
  const { id, agentRef, threadId } = run.summary;
  const journal = await RunJournal.create({
    run: { id, fence: run.fence },
    store: deps.journalStore,
    feeds: deps.feeds,
    stopping,
    onFailure: error =>
      control.abort(
        new RunFailure(
          'InternalError',
          'What the run did could not be written down, so it was stopped. Start it again.',
          { cause: error },
        ),
      ),
  });
  journal.emit({ type: EventType.RUN_STARTED, threadId, runId: id });

  const budget = createBudget(run.snapshot, deps.config, {
    usage: run.summary.usage,
    // A run that is claimed for the first time has done nothing.
    calls: run.fence > 1 ? await callsSoFar(deps, id) : [],
  });
  let end: RunEnd;
  let unwatch: (() => void) | undefined;
  try {
    control.signal.throwIfAborted();
    unwatch = await deps.delegations.watch(run.delegationId, reason =>
      control.abort(delegationEnded(reason)),
    );
    const credentials = await deps.delegations.credentials(run.delegationId);
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
        },
      },
      async () =>
        executeAgent(deps, {
          runId: id,
          threadId,
          agent: run.snapshot,
          messages: await conversation(deps, run),
          delegationId: run.delegationId,
          journal,
          signal: control.signal,
          depth: 0,
          budget,
          // What was used so far is told while the run goes on, and it is
          // written with the end of the run; a failure here hides neither the
          // model's answer nor its error.
          onStep: async () => {
            try {
              if (!(await deps.runs.recordUsage(id, run.fence, budget.usage))) {
                control.abort(leaseLost(deps.config.leaseSeconds));
              }
            } catch (error) {
              deps.logger.warn(
                `What run ${id} has used could not be written down yet: ${error}`,
              );
            }
          },
        }),
    );
    end = { status: 'succeeded', output };
  } catch (error) {
    end = toEnd(deps, run, await causeOf(deps, run, error));
  } finally {
    unwatch?.();
  }
  // A call that was given up may still have to be paid for.
  await within(budget.settled(), SETTLED_WITHIN_MS);
  await journal.close();
  await retryWrite(
    () =>
      deps.leases.end(
        { id, fence: run.fence },
        { ...end, usage: budget.usage },
      ),
    { forMs: END_WITHIN_MS, signal: stopping },
  );
  deps.feeds.notify(id);
  await deps.delegations.end(run.delegationId, 'The run has ended.');
}

/** The calls that the agent itself has made, when a run goes on. */
async function callsSoFar(deps: RunWorkerDeps, id: string) {
  const { steps } = await deps.journalStore.readSteps(id);
  return steps
    .filter(step => step.kind !== 'model' && step.parentId === undefined)
    .map(({ name, input }) => ({ name, args: input }));
}

async function conversation(deps: RunWorkerDeps, run: StoredRun) {
  const { maxTurns } = deps.config.conversation;
  const turns = await deps.runs.listThreadRuns(
    run.summary.threadId,
    2 * maxTurns + 1,
  );
  return [
    ...previousMessages(
      turns.filter(turn => turn.id !== run.summary.id),
      deps.config.conversation,
    ),
    new HumanMessage(run.summary.input.message),
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
