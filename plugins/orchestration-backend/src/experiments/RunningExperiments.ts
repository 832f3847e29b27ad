import type { PluginAsker } from '@agentportal/plugin-agents-node';
import type {
  EvalsClient,
  RunningExperimentList,
} from '@agentportal/plugin-evals-common';
import type { Candidate } from '@agentportal/plugin-orchestration-common';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { isError } from '@backstage/errors';
import { type Assignment, assign } from './assign';

/** An experiment that was stopped reaches no new run after this time. */
const FRESH_MS = 3_000;

type RunningExperiment = RunningExperimentList['items'][number];

/** What a run of an experiment is, and what it tries. */
export interface RunAssignment extends Assignment {
  /** Absent in the arm of the version in force. */
  candidate?: Candidate;
}

/**
 * The experiments that run, as the evals plugin tells them. No run waits long for it: while it is away there are none,
 * and everybody gets the version in force.
 */
export class RunningExperiments {
  readonly #evals: Pick<EvalsClient, 'listRunningExperiments'>;
  readonly #askEvals: PluginAsker;
  readonly #logger: LoggerService;
  readonly #now: () => number;
  #known: { byAgent: Map<string, RunningExperiment>; until: number } = {
    byAgent: new Map(),
    until: 0,
  };
  #asking: Promise<void> | undefined;

  constructor(options: {
    evals: Pick<EvalsClient, 'listRunningExperiments'>;
    askEvals: PluginAsker;
    logger: LoggerService;
    now?: () => number;
  }) {
    this.#evals = options.evals;
    this.#askEvals = options.askEvals;
    this.#logger = options.logger;
    this.#now = options.now ?? Date.now;
  }

  /**
   * The arm of a run of an agent, if one of its experiments runs.
   *
   * @param who - the person, or the conversation where there is none
   */
  async assign(
    agentRef: string,
    who: string,
  ): Promise<RunAssignment | undefined> {
    if (this.#known.until <= this.#now()) {
      this.#asking ??= this.#ask().finally(() => {
        this.#asking = undefined;
      });
      await this.#asking;
    }
    const experiment = this.#known.byAgent.get(agentRef);
    if (!experiment) {
      return undefined;
    }
    const assignment = assign(experiment, who);
    return {
      ...assignment,
      ...(assignment.arm === 'candidate' && {
        candidate: experiment.candidate,
      }),
    };
  }

  async #ask(): Promise<void> {
    try {
      const { items } = await this.#askEvals(by =>
        this.#evals.listRunningExperiments(by),
      );
      this.#known = {
        byAgent: new Map(items.map(item => [item.agentRef, item])),
        until: this.#now() + FRESH_MS,
      };
    } catch (error) {
      if (this.#known.byAgent.size > 0) {
        this.#logger.warn(
          'Experiments cannot be read, so everybody gets the version in force',
          isError(error) ? error : undefined,
        );
      }
      this.#known = { byAgent: new Map(), until: this.#now() + FRESH_MS };
    }
  }
}
