import {
  createWorkerPool,
  WorkerLimitError,
  WorkerOverloadedError,
  type WorkerPool,
} from '@agentportal/plugin-agents-node';
import { InputError, ServiceUnavailableError } from '@backstage/errors';
import type { RuleTask, RuleTaskResult } from './runRuleTask';

const CHECK_MS = 10_000;
const REPLAY_MS = 60_000;
const HEAP_MB = 512;
const MAX_WAITING = 20;

/** Reads and tries texts of rules in processes of their own. */
export class RuleWorkers {
  readonly #checks: WorkerPool<RuleTask, RuleTaskResult>;
  readonly #replays: WorkerPool<RuleTask, RuleTaskResult>;

  constructor() {
    const filename = require.resolve(
      '@agentportal/plugin-agents-backend/worker',
    );
    const common = {
      filename,
      maxProcesses: 1,
      maxHeapMb: HEAP_MB,
      maxQueue: MAX_WAITING,
    };
    this.#checks = createWorkerPool({
      ...common,
      name: 'The check of rules',
      cpuMs: CHECK_MS,
    });
    // Apart, so that nobody waits for a long trial to save a text.
    this.#replays = createWorkerPool({
      ...common,
      name: 'The trial of rules',
      cpuMs: REPLAY_MS,
    });
  }

  /**
   * @param by - who may be the cause of what it costs
   * @throws InputError when the text takes too long to read
   */
  async run(task: RuleTask, by: string): Promise<RuleTaskResult> {
    const pool = task.replay ? this.#replays : this.#checks;
    try {
      return await pool.run(task, { parties: [{ ref: by, max: 5 }] });
    } catch (error) {
      if (error instanceof WorkerLimitError) {
        throw new InputError(
          `${error.message} Make the text simpler, or the period shorter.`,
        );
      }
      if (error instanceof WorkerOverloadedError) {
        throw new ServiceUnavailableError(error.message);
      }
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#checks.close(), this.#replays.close()]);
  }
}
