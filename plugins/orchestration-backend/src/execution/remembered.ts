import type { JsonObject } from '@backstage/types';
import type { JournalStore } from '../store/JournalStore';
import type { StoredStep } from '../store/references';
import type { RunStore } from '../store/RunStore';

/** How many runs back it is looked: a person may have stopped the latest ones. */
const RUNS_BACK = 5;

/**
 * What the latest step of some kind has left in a conversation, in a run before this one. It
 * goes when the steps of that run go.
 */
export async function remembered(
  stores: { runs: RunStore; journal: JournalStore },
  of: { runId: string; threadId: string },
  isMeant: (step: StoredStep) => boolean,
): Promise<JsonObject | undefined> {
  const runs = await stores.runs.listThreadRuns(of.threadId, RUNS_BACK + 1);
  const before = runs.map(({ summary }) => summary.id);
  for (const id of before.filter(each => each !== of.runId).reverse()) {
    const { steps } = await stores.journal.begun(id);
    const left = steps.findLast(isMeant)?.output;
    if (left) {
      return left as JsonObject;
    }
  }
  return undefined;
}
