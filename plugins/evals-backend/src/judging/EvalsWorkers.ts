import {
  createWorkerPool,
  WorkerLimitError,
  type WorkerPool,
} from '@agentportal/plugin-agents-node';
import type { Results, Task } from './work';

const LIMITS = { cpuMs: 5_000, maxHeapMb: 128, maxQueue: 200 };
/** Tasks of one agent that may wait. */
const MOST_OF_ONE = 50;

/** Processes in which texts of others are read and answers judged. */
export class EvalsWorkers {
  readonly #pool: WorkerPool<Task, unknown>;

  constructor(options: { maxProcesses: number }) {
    this.#pool = createWorkerPool({
      name: 'Judging answers',
      filename: require.resolve('@agentportal/plugin-evals-backend/worker'),
      ...LIMITS,
      ...options,
    });
  }

  /**
   * @param agentRef - whose turn it takes
   * @throws WorkerLimitError for what takes too long
   */
  run<T extends Task>(task: T, agentRef: string): Promise<Results[T['kind']]> {
    return this.#pool.run(task, {
      parties: [{ ref: agentRef, max: MOST_OF_ONE }],
    }) as Promise<Results[T['kind']]>;
  }

  /** Reads or checks cases; what takes too much of time or memory is a problem of theirs. */
  async cases(
    task: Extract<Task, { kind: 'read' | 'check' }>,
    agentRef: string,
  ): Promise<Results['check']> {
    try {
      return await this.run(task, agentRef);
    } catch (error) {
      if (error instanceof WorkerLimitError) {
        return { problem: `These cases are too much. ${error.message}` };
      }
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}
