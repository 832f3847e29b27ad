import type {
  RerunRequest,
  RerunResults,
} from '@agentportal/plugin-orchestration-common';
import { isError } from '@backstage/errors';
import type { CallContext, Runs } from './Runs';

/** Repeats runs, one after the other; of each is told what became of it. */
export async function rerun(
  runs: Runs,
  { ids, model }: RerunRequest,
  context: CallContext,
): Promise<RerunResults> {
  const items: RerunResults['items'] = [];
  for (const id of new Set(ids)) {
    try {
      items.push({ id, run: await runs.fork(id, { model }, context) });
    } catch (error) {
      if (!isError(error)) {
        throw error;
      }
      items.push({ id, error: { name: error.name, message: error.message } });
    }
  }
  return { items };
}
