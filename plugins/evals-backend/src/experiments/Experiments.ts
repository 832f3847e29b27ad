import { audited, principalOf } from '@agentportal/plugin-agents-node';
import type {
  Experiment,
  ExperimentAdmission,
  ExperimentList,
  ExperimentMetric,
  ExperimentsQuery,
  RunningExperimentList,
  StartExperimentRequest,
} from '@agentportal/plugin-evals-common';
import type {
  AuditorService,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';
import {
  ConflictError,
  InputError,
  NotAllowedError,
  NotFoundError,
} from '@backstage/errors';
import { agentRefOf, type EvalsAccess } from '../permissions/EvalsAccess';
import { personOf } from '../permissions/personOf';
import { iso } from '../store/iso';
import { wellFormed } from '../store/wellFormed';
import type { Admission } from './Admission';
import { RAMP } from './decide';
import type { ExperimentStore } from './ExperimentStore';
import { METRICS } from './metrics';
import type { StoredExperiment } from './rows';

const DEFAULT_LIMIT = 25;
const ORCHESTRATION = 'plugin:orchestration';

/** An arm before any run was counted. */
const nobodyIn = (arm: 'in-force' | 'candidate') => ({
  arm,
  people: 0,
  runs: 0,
});

/** Experiments: who may start, read and stop them. */
export class Experiments {
  readonly #o: {
    access: EvalsAccess;
    admission: Admission;
    auditor: AuditorService;
    store: ExperimentStore;
  };

  constructor(options: {
    access: EvalsAccess;
    admission: Admission;
    auditor: AuditorService;
    store: ExperimentStore;
  }) {
    this.#o = options;
  }

  /**
   * Begins to give a candidate to a share of those who ask.
   *
   * @throws NotAllowedError where people are asked about what agents in production become: an experiment is
   *   no way round them
   * @throws ConflictError where the agent has another experiment, or a gate that the candidate has not passed
   */
  async start(
    credentials: BackstageCredentials,
    request: StartExperimentRequest,
  ): Promise<Experiment> {
    const agentRef = agentRefOf(request.agentRef);
    const { metric = 'failures', ramp = false } = request;
    return audited(
      this.#o.auditor,
      {
        eventId: 'experiment-start',
        severityLevel: 'medium',
        meta: { agentRef, title: request.title },
        by: { credentials },
      },
      async () => {
        const startedBy = personOf(
          credentials,
          'Experiments are started by people',
        );
        await this.#o.access.requireManage(credentials, agentRef);
        const candidate = await this.#o.admission.admit(
          credentials,
          agentRef,
          request,
        );
        const share = request.share ?? (ramp ? RAMP[0] : 0.5);
        if (share >= 1) {
          throw new InputError(
            'With a share of 1 there is nobody to compare with. Give less, or change the file of the agent.',
          );
        }
        const guards = (
          request.guards ?? (Object.keys(METRICS) as ExperimentMetric[])
        ).filter(guard => guard !== metric);
        const stored = await this.#o.store.create(
          {
            agentRef,
            title: wellFormed(request.title),
            ...(request.hypothesis && {
              hypothesis: wellFormed(request.hypothesis),
            }),
            candidate,
            metric,
            guards: [...new Set(guards)],
            smallestDifference: request.smallestDifference ?? 0.05,
            ramp,
            share,
            startedBy,
          },
          `Started: ${Math.round(share * 100)} % get the candidate.`,
        );
        return this.#one(stored);
      },
      ({ id, share }) => ({ experimentId: id, share }),
    );
  }

  /** Whether the caller may start one of an agent, and what to do where not. */
  async mayStart(
    credentials: BackstageCredentials,
    text: string,
  ): Promise<ExperimentAdmission> {
    const agentRef = agentRefOf(text);
    const { access, admission, store } = this.#o;
    await access.requireRead(credentials, agentRef);
    const no = { agentRef, allowed: false, needsEvaluation: false };
    try {
      personOf(credentials, 'Experiments are started by people');
      await access.requireManage(credentials, agentRef);
    } catch (error) {
      if (error instanceof NotAllowedError) {
        return { ...no, why: 'permission', sentence: error.message };
      }
      throw error;
    }
    const said = await admission.whetherAny(credentials, agentRef);
    if (!said.allowed) {
      return { agentRef, ...said };
    }
    const running = (await store.running()).find(
      each => each.agentRef === agentRef,
    );
    return running
      ? {
          ...{ ...no, why: 'running', experimentId: running.id },
          sentence: `"${running.title}" is running, and one agent has one experiment. Stop it, or wait until it has ended.`,
        }
      : { agentRef, ...said };
  }

  async list(
    credentials: BackstageCredentials,
    query: ExperimentsQuery = {},
  ): Promise<ExperimentList> {
    const { limit = DEFAULT_LIMIT, agentRef: text, ...more } = query;
    const agentRef = text && agentRefOf(text);
    if (agentRef) {
      await this.#o.access.requireRead(credentials, agentRef);
    }
    const page = await this.#o.store.list(
      { ...more, limit, ...(agentRef && { agentRef }) },
      agentRef
        ? undefined
        : await this.#o.access.readableOf(credentials, () =>
            this.#o.store.agents(),
          ),
    );
    return { ...page, items: await this.#described(page.items) };
  }

  async get(
    credentials: BackstageCredentials,
    id: string,
  ): Promise<Experiment> {
    return this.#one(await this.#readable(credentials, id));
  }

  /** Gives everybody the version in force again, within seconds. */
  async stop(
    credentials: BackstageCredentials,
    id: string,
    reason: string,
  ): Promise<Experiment> {
    const { agentRef } = await this.#readable(credentials, id);
    return audited(
      this.#o.auditor,
      {
        eventId: 'experiment-stop',
        severityLevel: 'medium',
        meta: { agentRef, experimentId: id, reason },
        by: { credentials },
      },
      async () => {
        const by = personOf(credentials, 'Experiments are stopped by people');
        await this.#o.access.requireManage(credentials, agentRef);
        const what = `Stopped: ${wellFormed(reason)}`;
        if (!(await this.#o.store.stop(id, { by, what }))) {
          throw new ConflictError('This experiment has ended already.');
        }
        return this.get(credentials, id);
      },
    );
  }

  /** What runs are to try; for the plugin that starts them. */
  async running(
    credentials: BackstageCredentials,
  ): Promise<RunningExperimentList> {
    const principal = principalOf(credentials);
    if (principal.type !== 'service' || principal.subject !== ORCHESTRATION) {
      throw new NotAllowedError(
        'This is for plugins of the portal among themselves. Use /experiments.',
      );
    }
    const running = await this.#o.store.running();
    return {
      items: running.map(({ id, agentRef, share, step, candidate }) => ({
        ...{ id, agentRef, share, step, candidate },
      })),
    };
  }

  async #readable(
    credentials: BackstageCredentials,
    id: string,
  ): Promise<StoredExperiment> {
    const experiment = await this.#o.store.get(id);
    const [readable] = experiment
      ? await this.#o.access.readable(credentials, [experiment.agentRef])
      : [];
    if (!experiment || !readable) {
      throw new NotFoundError(
        `There is no experiment ${id}, or you may not see it.`,
      );
    }
    return experiment;
  }

  async #one(experiment: StoredExperiment): Promise<Experiment> {
    const [described] = await this.#described([experiment]);
    return described;
  }

  async #described(experiments: StoredExperiment[]): Promise<Experiment[]> {
    const historyOf = await this.#o.store.historyOf(
      experiments.map(({ id }) => id),
    );
    return experiments.map(experiment => {
      const {
        endedAt,
        figures,
        figuresAt,
        readUntil: _readUntil,
        startedAt,
        step: _step,
        stepAt: _stepAt,
        ...kept
      } = experiment;
      return {
        ...kept,
        startedAt: iso(startedAt),
        ...(endedAt !== undefined && { endedAt: iso(endedAt) }),
        ...(figuresAt !== undefined && { figuresAt: iso(figuresAt) }),
        ...(figures ?? {
          arms: [nobodyIn('in-force'), nobodyIn('candidate')],
          metrics: [],
          verdict: {
            decision: 'undecided',
            sentence: 'No run has been counted yet.',
          },
        }),
        ...historyOf(experiment.id),
      };
    });
  }
}
