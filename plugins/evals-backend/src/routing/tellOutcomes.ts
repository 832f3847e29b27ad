import type { PluginAsker } from '@agentportal/plugin-agents-node';
import type { ModelsClient } from '@agentportal/plugin-models-common';
import { ConflictError, NotFoundError } from '@backstage/errors';
import type { JudgedRuns } from './JudgedRuns';

const DAY_MS = 86_400_000;
/** What was judged before that is told no more. */
const LOOK_BACK_MS = 7 * DAY_MS;
/** Longer than that, so that nothing is told twice. */
const KEEP_MS = 30 * DAY_MS;
const PER_ROUND = 200;
const CALLS = 100;

/**
 * Tells the model service how the answers of its models were judged, so that routes by complexity
 * learn which requests weaker models can answer. A run is told once and of one call, the one that
 * gave the answer: its others are no further evidence.
 */
export async function tellOutcomes(options: {
  runs: JudgedRuns;
  models: Pick<ModelsClient, 'listCalls' | 'recordOutcome'>;
  /** Lets errors of the kinds NotFoundError and ConflictError through. */
  ask: PluginAsker;
  signal?: AbortSignal;
  now?: number;
}): Promise<void> {
  const { ask, models, runs, signal, now = Date.now() } = options;
  for (const { runId, succeeded } of await runs.untold(
    now - LOOK_BACK_MS,
    PER_ROUND,
  )) {
    if (signal?.aborted) {
      return;
    }
    const { items } = await ask(by =>
      models.listCalls({ runId, limit: CALLS }, by),
    );
    // The newest are first.
    const answered = items.find(
      ({ route, status }) => route && status === 'succeeded',
    );
    let used = false;
    if (answered) {
      try {
        const told = await ask(by =>
          models.recordOutcome(answered.callId, { succeeded }, by),
        );
        used = told.usedForRouting;
      } catch (error) {
        if (
          !(error instanceof NotFoundError || error instanceof ConflictError)
        ) {
          throw error;
        }
      }
    }
    await runs.noteTold(runId, used, now);
  }
  await runs.removeBefore(now - KEEP_MS, signal);
}
