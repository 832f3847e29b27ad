import type { JsonObject } from '@backstage/types';
import type { AgentSnapshot } from '../agents/snapshot';
import type { JournalStore } from '../store/JournalStore';
import type { RunStore } from '../store/RunStore';

/** How many runs back it is looked: a person may have stopped the latest ones. */
const RUNS_BACK = 5;

/**
 * What the latest call of an agent kept in a conversation, in a run before this one. It
 * lies in the steps of that run, and goes when they go.
 */
export async function remembered(
  stores: { runs: RunStore; journal: JournalStore },
  of: { runId: string; threadId: string; agent: AgentSnapshot },
): Promise<JsonObject | undefined> {
  const runs = await stores.runs.listThreadRuns(of.threadId, RUNS_BACK + 1);
  for (const { id } of runs.filter(run => run.id !== of.runId).reverse()) {
    const { steps } = await stores.journal.begun(id);
    const facts = steps.findLast(
      step => step.kind === 'agent' && step.name === of.agent.ref,
    )?.output;
    if (facts) {
      return facts as JsonObject;
    }
  }
  return undefined;
}
