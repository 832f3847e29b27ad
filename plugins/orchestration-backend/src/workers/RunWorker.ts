import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { EventType } from '@ag-ui/core';
import { HumanMessage } from '@langchain/core/messages';
import type { RunEventHub } from '../events/RunEventHub';
import { RunJournal } from '../events/RunJournal';
import { previousMessages } from '../execution/conversation';
import {
  createBudget,
  executeAgent,
  type ExecutionDeps,
} from '../execution/executeAgent';
import {
  findRunFailure,
  RunCancelled,
  RunFailure,
} from '../execution/RunFailure';
import type { JournalStore } from '../store/JournalStore';
import type { LeaseStore, RunEnd } from '../store/LeaseStore';
import type { StoredRun } from '../store/rows';
import type { RunStore } from '../store/RunStore';
import { untilWritten } from './untilWritten';

/** How long a worker tries to write down how its run ended. */
const END_WITHIN_MS = 60_000;

/** What a worker needs beside what agents need. */
export interface RunWorkerDeps extends ExecutionDeps {
  runs: RunStore;
  leases: LeaseStore;
  journalStore: JournalStore;
  hub: RunEventHub;
}

/** Works on one claimed run from its first event to its last. */
export async function workOnRun(
  deps: RunWorkerDeps,
  run: StoredRun,
  credentials: BackstageCredentials,
  control: AbortController,
  stopping: AbortSignal,
): Promise<void> {
  const { id, agentRef, threadId } = run.summary;
  const journal = RunJournal.create({
    runId: id,
    store: deps.journalStore,
    hub: deps.hub,
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

  const budget = createBudget(run.snapshot, deps.config);
  const recordUsage = async () => {
    if (!(await deps.runs.recordUsage(id, run.fence, budget.usage))) {
      control.abort(interrupted());
    }
  };
  let end: RunEnd;
  try {
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
          credentials,
          journal,
          signal: control.signal,
          depth: 0,
          onStep: recordUsage,
          budget,
        }),
    );
    end = { status: 'succeeded', output };
  } catch (error) {
    end = toEnd(deps, run, error);
  }
  await journal.close();
  await recordUsage().catch(() => {});
  await untilWritten(() => deps.leases.end({ id, fence: run.fence }, end), {
    forMs: END_WITHIN_MS,
    signal: stopping,
  });
  deps.hub.notify(id);
}

/** Why a run ended whose process has gone, or is about to go. */
export function interrupted(): RunFailure {
  return new RunFailure(
    'RunInterrupted',
    'The portal was restarted while this run was under way. Nothing is still running. Start it again.',
  );
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

function toEnd(deps: RunWorkerDeps, run: StoredRun, error: unknown): RunEnd {
  if (error instanceof RunCancelled) {
    return { status: 'cancelled' };
  }
  const failure = findRunFailure(error);
  if (failure) {
    return { status: 'failed', error: failure.toRunError() };
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
