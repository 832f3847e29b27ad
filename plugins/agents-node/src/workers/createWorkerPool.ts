import { FairSlots, NoSlotError, type Party } from './FairSlots';
import { WorkerEndedError, WorkerProcess } from './WorkerProcess';

/** Long enough that a quiet minute does not cost a start. */
const IDLE_MS = 60_000;

/** A task that waits for a busy machine has so many times as long as it may work. */
const TIMES_ON_THE_CLOCK = 6;

/**
 * A task needed more time of the processor or memory than it may have, and was ended.
 *
 * @public
 */
export class WorkerLimitError extends Error {
  override name = 'WorkerLimitError';
}

/**
 * Too many tasks wait, or the machine was too busy to work on one.
 *
 * @public
 */
export class WorkerOverloadedError extends Error {
  override name = 'WorkerOverloadedError';
  /** Who has too many of them; undefined when it is all together. */
  readonly party: string | undefined;

  constructor(message: string, party: string | undefined) {
    super(message);
    this.party = party;
  }
}

/** @public */
export interface WorkerPoolOptions {
  /** What the tasks are, for messages: `The built-in model`. */
  name: string;
  /**
   * The module whose default export runs a task, as `require.resolve` gives it. It is
   * an entry point of its package (`exports: { "./worker": "src/worker.ts" }`), so that
   * it is there in a checkout and in what is published.
   */
  filename: string;
  maxProcesses: number;
  /** How long a task may have the processor, in milliseconds. */
  cpuMs: number;
  /** How long it may take on the clock once it runs, in milliseconds; six times as long unless given. */
  wallMs?: number;
  /** Memory of each process's heap, in MB. A task that needs more fails alone. */
  maxHeapMb: number;
  /** How many tasks may wait for a process. */
  maxQueue: number;
}

/** @public */
export interface WorkerPool<Task, Result> {
  /**
   * Runs a task in a process.
   *
   * @param options.parties - who may be the cause of what it costs, such as a caller.
   * One task of each runs at a time, and all have their turn.
   * @throws WorkerLimitError when it needs more time or memory than the pool allows
   * @throws WorkerOverloadedError when too many wait, or the machine is too busy
   */
  run(
    task: Task,
    options?: { signal?: AbortSignal; parties?: Party[] },
  ): Promise<Result>;
  /** Ends the processes; what runs is given up. */
  close(): Promise<void>;
}

/**
 * Processes for what strangers send: models, schemas, files, expressions. A task that
 * hangs or eats its memory costs one process and nobody else anything. Threads would
 * not do: V8 ends the whole process when one of them runs out of memory in the middle
 * of a step, such as `JSON.parse` or a sort.
 *
 * A process has nothing of the environment, in which there are secrets.
 *
 * @public
 */
export function createWorkerPool<Task, Result>(
  options: WorkerPoolOptions,
): WorkerPool<Task, Result> {
  const { name, filename, maxProcesses, cpuMs, maxHeapMb, maxQueue } = options;
  const { wallMs = TIMES_ON_THE_CLOCK * cpuMs } = options;
  const slots = new FairSlots({
    max: maxProcesses,
    maxWaiting: maxQueue,
  });
  const idle: Array<{ worker: WorkerProcess; timer: NodeJS.Timeout }> = [];
  const closing = new AbortController();

  async function take(signal: AbortSignal): Promise<WorkerProcess> {
    for (let kept = idle.pop(); kept; kept = idle.pop()) {
      clearTimeout(kept.timer);
      if (!kept.worker.ended) {
        return kept.worker;
      }
    }
    try {
      return await WorkerProcess.start({ filename, cpuMs, maxHeapMb, signal });
    } catch (error) {
      signal.throwIfAborted();
      throw new Error(`${name} could not be started.`, { cause: error });
    }
  }

  function keep(worker: WorkerProcess) {
    if (worker.ended || closing.signal.aborted) {
      worker.kill();
      return;
    }
    const timer = setTimeout(() => {
      idle.splice(
        idle.findIndex(kept => kept.worker === worker),
        1,
      );
      worker.kill();
    }, IDLE_MS).unref();
    idle.push({ worker, timer });
  }

  async function work(task: Task, signal: AbortSignal): Promise<Result> {
    const worker = await take(signal);
    // It begins here, because a start is not the fault of a task.
    const deadline = AbortSignal.timeout(wallMs);
    try {
      return (await worker.run(
        task,
        AbortSignal.any([signal, deadline]),
      )) as Result;
    } catch (error) {
      signal.throwIfAborted();
      if (deadline.aborted) {
        throw new WorkerOverloadedError(
          `${name} had too little of a busy machine to end within ${
            wallMs / 1000
          } seconds. Try again in a minute.`,
          undefined,
        );
      }
      if (error instanceof WorkerEndedError && error.outOf) {
        throw new WorkerLimitError(
          error.outOf === 'time'
            ? `${name} was stopped after ${cpuMs / 1000} seconds of work.`
            : `${name} was stopped because it needed more than ${maxHeapMb} MB.`,
          { cause: error },
        );
      }
      throw error;
    } finally {
      keep(worker);
    }
  }

  return {
    async run(task, { signal: callSignal, parties = [] } = {}) {
      const signal = callSignal
        ? AbortSignal.any([callSignal, closing.signal])
        : closing.signal;
      try {
        return await slots.run(parties, signal, () => work(task, signal));
      } catch (error) {
        if (error instanceof NoSlotError) {
          throw new WorkerOverloadedError(
            `${name} has ${error.max} requests${
              error.party ? ` of ${error.party}` : ''
            } waiting. Try again in a few seconds.`,
            error.party,
          );
        }
        throw error;
      }
    },
    async close() {
      closing.abort(new Error(`${name} is shutting down.`));
      for (const { worker, timer } of idle.splice(0)) {
        clearTimeout(timer);
        worker.kill();
      }
    },
  };
}
