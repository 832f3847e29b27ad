import { randomUUID } from 'node:crypto';
import {
  deleteInBatches,
  insertRows,
  readPage,
} from '@agentportal/plugin-agents-node';
import type {
  Experiment,
  ExperimentStatus,
} from '@agentportal/plugin-evals-common';
import { ConflictError } from '@backstage/errors';
import type { Knex } from 'knex';
import { ERASED } from '../store/erased';
import { iso } from '../store/iso';
import type { Decision, Figures } from './decide';
import {
  type ExperimentRow,
  type NewExperiment,
  type Outcome,
  type StoredExperiment,
  toStored,
} from './rows';

const EXPERIMENTS = 'evals_experiments';
const LOG = 'evals_experiment_log';
const RUNS = 'evals_experiment_runs';
const DAYS = 'evals_experiment_days';
const DAY_MS = 86_400_000;
/** More than an experiment can have, which lasts for weeks and decides about a ramp. */
const MAX_LOG = 200;

/** Experiments, what was decided about them, and what became of their runs. */
export class ExperimentStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** @throws ConflictError while another experiment of the agent runs */
  async create(
    experiment: NewExperiment,
    what: string,
    now = Date.now(),
  ): Promise<StoredExperiment> {
    const row: ExperimentRow = {
      id: randomUUID(),
      agent_ref: experiment.agentRef,
      title: experiment.title,
      hypothesis: experiment.hypothesis ?? null,
      candidate: JSON.stringify(experiment.candidate),
      metric: experiment.metric,
      guards: JSON.stringify(experiment.guards),
      smallest_difference: experiment.smallestDifference,
      ramp: experiment.ramp,
      status: 'running',
      share: experiment.share,
      step: 0,
      step_at: now,
      started_at: now,
      started_by: experiment.startedBy,
      ended_at: null,
      read_until: null,
      figures: null,
      figures_at: null,
    };
    await this.#knex.transaction(async tx => {
      const inserted = await tx(EXPERIMENTS)
        .insert(row)
        .onConflict(tx.raw("(agent_ref) WHERE status = 'running'"))
        .ignore()
        .returning('id');
      if (inserted.length === 0) {
        throw new ConflictError(
          `Another experiment of ${experiment.agentRef} is running. Stop it, or wait until it has ended.`,
        );
      }
      await tx(LOG).insert({
        experiment_id: row.id,
        at: now,
        what,
        decided_by: experiment.startedBy,
      });
    });
    return toStored(row);
  }

  async get(id: string): Promise<StoredExperiment | undefined> {
    const row = await this.#knex<ExperimentRow>(EXPERIMENTS)
      .where({ id })
      .first();
    return row && toStored(row);
  }

  async list(
    query: {
      agentRef?: string;
      status?: ExperimentStatus;
      limit: number;
      cursor?: string;
    },
    agentRefs?: string[],
  ): Promise<{ items: StoredExperiment[]; nextCursor?: string }> {
    const { agentRef, status } = query;
    const select = this.#knex(EXPERIMENTS).where({
      ...(agentRef && { agent_ref: agentRef }),
      ...(status && { status }),
    });
    if (agentRefs) {
      select.whereIn('agent_ref', agentRefs);
    }
    const { rows, nextCursor } = await readPage<ExperimentRow>(
      select,
      'started_at',
      query,
    );
    return { items: rows.map(toStored), ...(nextCursor && { nextCursor }) };
  }

  /** All that run: of an agent there is one at most. */
  async running(): Promise<StoredExperiment[]> {
    const rows = await this.#knex<ExperimentRow>(EXPERIMENTS)
      .where({ status: 'running' })
      .orderBy('started_at');
    return rows.map(toStored);
  }

  /** All agents that have had one. */
  async agents(): Promise<string[]> {
    return this.#knex(EXPERIMENTS).distinct('agent_ref').pluck('agent_ref');
  }

  /**
   * Writes down what became of some runs, each once however often it is told, and up to when runs were read.
   */
  async addOutcomes(
    id: string,
    outcomes: Outcome[],
    readUntil: number,
  ): Promise<void> {
    await this.#knex.transaction(async tx => {
      await insertRows(
        tx,
        RUNS,
        {
          run_id: 'text',
          experiment_id: 'text',
          step: 'integer',
          unit: 'text',
          candidate: 'integer',
          failed: 'integer',
          duration_ms: 'bigint',
          cost_nano_usd: 'bigint',
        },
        outcomes.map(outcome => ({
          run_id: outcome.runId,
          experiment_id: id,
          step: outcome.step,
          unit: outcome.unit,
          candidate: outcome.candidate ? 1 : 0,
          failed: outcome.failed ? 1 : 0,
          duration_ms: outcome.durationMs,
          cost_nano_usd: outcome.costNanoUsd,
        })),
        'on conflict do nothing',
      );
      await tx(EXPERIMENTS)
        .where({ id })
        .andWhere(earlier =>
          earlier.whereNull('read_until').orWhere('read_until', '<', readUntil),
        )
        .update({ read_until: readUntil });
    });
  }

  /**
   * Keeps what an experiment came to and what that decides, unless it was stopped or decided meanwhile by somebody
   * else.
   *
   * @returns whether it was written
   */
  async keep(
    { id, step, metric }: StoredExperiment,
    { figures, decision }: { figures: Figures; decision?: Decision },
    now = Date.now(),
  ): Promise<boolean> {
    return this.#knex.transaction(async tx => {
      const isEnded = decision !== undefined && decision.status !== 'running';
      const written = await tx(EXPERIMENTS)
        .where({ id, step, status: 'running' })
        .update({
          figures: JSON.stringify(figures),
          figures_at: now,
          ...(decision && { status: decision.status }),
          ...(isEnded && { ended_at: now }),
          ...(decision &&
            !isEnded && {
              share: decision.share,
              step: step + 1,
              step_at: now,
            }),
        });
      if (written === 0) {
        return false;
      }
      if (decision) {
        await tx(LOG).insert({
          experiment_id: id,
          at: now,
          what: decision.what,
        });
      }
      const main = figures.metrics.find(each => each.metric === metric);
      if (main) {
        const { value, low, high } = main.difference;
        await tx(DAYS)
          .insert({
            experiment_id: id,
            day: Math.floor(now / DAY_MS),
            ...{ value, low, high },
            runs: figures.arms.reduce((sum, { runs }) => sum + runs, 0),
          })
          .onConflict(['experiment_id', 'day'])
          .merge();
      }
      return true;
    });
  }

  /** @returns whether it was running until now */
  async stop(
    id: string,
    { by, what }: { by: string; what: string },
    now = Date.now(),
  ): Promise<boolean> {
    return this.#knex.transaction(async tx => {
      const stopped = await tx(EXPERIMENTS)
        .where({ id, status: 'running' })
        .update({ status: 'stopped', ended_at: now });
      if (stopped > 0) {
        await tx(LOG).insert({
          ...{ experiment_id: id, at: now, what },
          decided_by: by,
        });
      }
      return stopped > 0;
    });
  }

  /** Logs and days of some experiments, the oldest first. */
  async historyOf(ids: string[]) {
    const logs = await this.#knex(LOG)
      .whereIn('experiment_id', ids)
      .orderBy('id')
      .limit(MAX_LOG * ids.length);
    const days = await this.#knex(DAYS)
      .whereIn('experiment_id', ids)
      .orderBy('day');
    return (id: string): Pick<Experiment, 'log' | 'days'> => ({
      log: logs
        .filter(row => row.experiment_id === id)
        .map(row => ({
          at: iso(row.at),
          what: row.what,
          ...(row.decided_by && { by: row.decided_by }),
        })),
      days: days
        .filter(row => row.experiment_id === id)
        .map(row => ({
          day: iso(row.day * DAY_MS).slice(0, 10),
          difference: { value: row.value, low: row.low, high: row.high },
          runs: row.runs,
        })),
    });
  }

  /** Takes a person's name from what they started and decided. */
  async erase(person: string): Promise<number> {
    const started = await this.#knex(EXPERIMENTS)
      .where({ started_by: person })
      .update({ started_by: ERASED });
    const decided = await this.#knex(LOG)
      .where({ decided_by: person })
      .update({ decided_by: ERASED });
    return started + decided;
  }

  /** Deletes what ended before a time, with its runs a batch at a time. */
  async removeBefore(before: number, signal?: AbortSignal): Promise<void> {
    const old: string[] = await this.#knex(EXPERIMENTS)
      .where('ended_at', '<', before)
      .pluck('id');
    for (const id of old) {
      await deleteInBatches(
        this.#knex,
        { table: RUNS, key: 'run_id' },
        runs => runs.where({ experiment_id: id }),
        signal,
      );
      if (signal?.aborted) {
        return;
      }
      await this.#knex(EXPERIMENTS).where({ id }).delete();
    }
  }
}
