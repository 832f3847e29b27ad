import type { AuditLog } from '@agentportal/plugin-agents-node';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { stringifyError } from '@backstage/errors';
import type { Knex } from 'knex';
import type { EvalsConfig } from '../config';
import { decide, type Decision } from './decide';
import type { ExperimentStore } from './ExperimentStore';
import type { OutcomeReader } from './OutcomeReader';
import { readArms } from './readArms';
import type { StoredExperiment } from './rows';

/** What people say of answers comes later, so it is counted again after a while though no run has ended. */
const COUNTED_FOR_MS = 10 * 60_000;

/** Tells the owner of an agent what was decided about its experiment. */
export type TellOwner = (
  experiment: StoredExperiment,
  decision: Decision,
) => Promise<void>;

interface ExperimentKeeperOptions {
  auditLog: AuditLog;
  knex: Knex;
  logger: LoggerService;
  outcomes: OutcomeReader;
  settings: EvalsConfig['experiments'];
  store: ExperimentStore;
  tellOwner: TellOwner;
}

/**
 * Looks at each experiment that runs: counts its runs, and rolls it back, goes on with its ramp or ends it. One
 * replica at a time does it, and if two do, one of them writes.
 */
export class ExperimentKeeper {
  readonly #o: ExperimentKeeperOptions;

  constructor(options: ExperimentKeeperOptions) {
    this.#o = options;
  }

  async look(signal?: AbortSignal, now: () => number = Date.now) {
    const { logger, store } = this.#o;
    for (const experiment of await store.running()) {
      if (signal?.aborted) {
        return;
      }
      try {
        await this.#lookAt(experiment, signal, now);
      } catch (error) {
        // One that cannot be looked at must not keep another from being rolled back.
        logger.warn(
          `Experiment ${experiment.id} of ${
            experiment.agentRef
          } could not be looked at: ${stringifyError(error)}`,
        );
      }
    }
  }

  async #lookAt(
    experiment: StoredExperiment,
    signal: AbortSignal | undefined,
    now: () => number,
  ) {
    const { auditLog, knex, outcomes, settings, store, tellOwner } = this.#o;
    const hasNew = await outcomes.read(experiment, signal);
    const at = now();
    const { figuresAt } = experiment;
    if (!hasNew && figuresAt !== undefined && at - figuresAt < COUNTED_FOR_MS) {
      return;
    }
    const arms = await readArms(knex, experiment);
    const { figures, decision } = decide(experiment, arms, settings, at);
    const isKept = await store.keep(experiment, { figures, decision }, at);
    if (!isKept || !decision) {
      return;
    }
    await auditLog.note({
      type: 'policy-change',
      action: `evals.experiment-${
        decision.status === 'running' ? 'ramp' : decision.status
      }`,
      actor: { type: 'service', ref: 'plugin:evals' },
      outcome: 'succeeded',
      agentRef: experiment.agentRef,
      resource: experiment.agentRef,
      reason: decision.what.slice(0, 4_000),
      data: {
        experimentId: experiment.id,
        status: decision.status,
        share: decision.share,
      },
    });
    await tellOwner(experiment, decision);
  }
}
