import {
  createWorkerPool,
  WorkerLimitError,
  WorkerOverloadedError,
  type WorkerPool,
} from '@agentportal/plugin-agents-node';
import { InputError, ServiceUnavailableError } from '@backstage/errors';
import type { FormTask } from './checkForm';

/** Checks forms and answers in a process of its own, where patterns may take their time. */
export class FormWorkers {
  readonly #pool: WorkerPool<FormTask, string[]>;

  constructor() {
    this.#pool = createWorkerPool({
      name: 'The check of a form',
      filename: require.resolve('@agentportal/plugin-agents-backend/worker'),
      maxProcesses: 1,
      cpuMs: 5_000,
      maxHeapMb: 256,
      maxQueue: 50,
    });
  }

  /**
   * @param by - who may be the cause of what it costs
   * @throws InputError which names what does not fit
   */
  async require(task: FormTask, by: string): Promise<void> {
    let problems;
    try {
      problems = await this.#pool.run(task, {
        parties: [{ ref: by, max: 10 }],
      });
    } catch (error) {
      if (error instanceof WorkerLimitError) {
        throw new InputError(`${error.message} Make the form simpler.`);
      }
      if (error instanceof WorkerOverloadedError) {
        throw new ServiceUnavailableError(error.message);
      }
      throw error;
    }
    if (problems.length) {
      throw new InputError(problems.join(' '));
    }
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}
