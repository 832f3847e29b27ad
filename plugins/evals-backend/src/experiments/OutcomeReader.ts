import type { PluginAsker } from '@agentportal/plugin-agents-node';
import type {
  OrchestrationClient,
  RunSummary,
} from '@agentportal/plugin-orchestration-common';
import type { ExperimentStore } from './ExperimentStore';
import type { Outcome, StoredExperiment } from './rows';

const PAGE = 100;
/** A run that ended before may be written later than one that ended after. */
const OVERLAP_MS = 60_000;

/**
 * Reads what became of the runs of an experiment, as they end. It begins again a little before where it was, and each
 * run counts once, so nothing is lost or doubled whoever stops in the middle.
 */
export class OutcomeReader {
  readonly #store: ExperimentStore;
  readonly #runs: Pick<OrchestrationClient, 'listRuns'>;
  readonly #askOrchestration: PluginAsker;

  constructor(options: {
    store: ExperimentStore;
    runs: Pick<OrchestrationClient, 'listRuns'>;
    askOrchestration: PluginAsker;
  }) {
    this.#store = options.store;
    this.#runs = options.runs;
    this.#askOrchestration = options.askOrchestration;
  }

  /**
   * @returns whether runs ended since it was read last
   * @throws ServiceUnavailableError while runs cannot be read; what was read until then is kept
   */
  async read(
    experiment: StoredExperiment,
    signal?: AbortSignal,
  ): Promise<boolean> {
    let hasNew = false;
    const query = {
      experimentId: experiment.id,
      finishedSince: new Date(experiment.readUntil - OVERLAP_MS).toISOString(),
      // Whoever stops a run says nothing about its answer.
      status: ['succeeded' as const, 'failed' as const],
      limit: PAGE,
    };
    let cursor: string | undefined;
    do {
      const page = { ...query, cursor };
      const { items, nextCursor } = await this.#askOrchestration(by =>
        this.#runs.listRuns(page, by),
      );
      const last = items.at(-1)?.finishedAt;
      if (last) {
        hasNew ||= Date.parse(last) > experiment.readUntil;
        await this.#store.addOutcomes(
          experiment.id,
          items.flatMap(toOutcome),
          Date.parse(last),
        );
      }
      cursor = nextCursor;
    } while (cursor && !signal?.aborted);
    return hasNew;
  }
}

function toOutcome(run: RunSummary): Outcome[] {
  const { experiment, usage } = run;
  return experiment
    ? [
        {
          runId: run.id,
          step: experiment.step,
          unit: experiment.unit,
          candidate: experiment.arm === 'candidate',
          failed: run.status === 'failed',
          durationMs: run.durationMs ?? 0,
          costNanoUsd: usage.costNanoUsd,
        },
      ]
    : [];
}
