import { Piscina } from 'piscina';

/** How long a thread may take to start, in milliseconds. */
const START_MS = 30_000;

/**
 * A task did not end in time and its thread was terminated.
 *
 * @public
 */
export class WorkerDeadlineError extends Error {
  override name = 'WorkerDeadlineError';
}

/**
 * Too many tasks wait.
 *
 * @public
 */
export class WorkerOverloadedError extends Error {
  override name = 'WorkerOverloadedError';
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
  maxThreads: number;
  /** How long a task may take once it runs, in milliseconds. */
  timeoutMs: number;
  /** Memory of each thread's heap, in MB. A task that needs more fails alone. */
  maxHeapMb: number;
  /** How many tasks may wait for a thread. */
  maxQueue: number;
}

/** @public */
export interface WorkerPool<Task, Result> {
  /**
   * Runs a task in a thread.
   *
   * @throws WorkerDeadlineError when it takes longer than the pool allows
   * @throws WorkerOverloadedError when too many wait
   */
  run(task: Task, options?: { signal?: AbortSignal }): Promise<Result>;
  /** Ends the threads; what runs is given up. */
  close(): Promise<void>;
}

/**
 * Threads for what strangers send: models, schemas, files, expressions. A task that
 * hangs costs one thread for as long as its deadline and nobody else anything. A thread
 * that runs out of memory usually ends alone, but V8 cannot promise that: what is given
 * to a pool must be bounded in size as well.
 *
 * @public
 */
export function createWorkerPool<Task, Result>(
  options: WorkerPoolOptions,
): WorkerPool<Task, Result> {
  const { name, filename, maxThreads, timeoutMs, maxHeapMb, maxQueue } =
    options;
  const entry = require.resolve('@agentportal/plugin-agents-node/worker');
  const piscina = new Piscina({
    filename: entry,
    workerData: { filename },
    minThreads: 0,
    maxThreads,
    // Long enough that a quiet minute does not cost a start.
    idleTimeout: 60_000,
    concurrentTasksPerWorker: 1,
    // On few cores the thread that serves everybody goes first.
    niceIncrement: 10,
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
    // A package that is run from its sources has workers in TypeScript.
    ...([entry, filename].some(file => file.endsWith('.ts')) && {
      execArgv: [
        '--require',
        require.resolve('@backstage/cli/config/nodeTransform.cjs'),
      ],
    }),
  });
  // A thread that dies before it has a task, for example because its module cannot be
  // loaded, is told to whoever waits for one; without a listener it would end the process.
  let broken: Error | undefined;
  piscina.on('error', (error: Error) => {
    broken = error;
  });
  // Starting a thread takes a second from sources, which is not the fault of a task.
  const begun = new Map<number, () => void>();
  piscina.on('message', (message: { begun: number }) =>
    begun.get(message.begun)?.(),
  );
  let lastId = 0;
  let running = 0;
  const waiting: Array<() => void> = [];
  const closing = new AbortController();
  const enter = async (signal: AbortSignal) => {
    if (running < maxThreads) {
      running += 1;
      return;
    }
    if (waiting.length >= maxQueue) {
      throw new WorkerOverloadedError(
        `${name} has ${maxQueue} requests waiting. Try again in a few seconds.`,
      );
    }
    await new Promise<void>((resolve, reject) => {
      const place = {
        proceed: () => {
          signal.removeEventListener('abort', giveUp);
          resolve();
        },
      };
      function giveUp() {
        waiting.splice(waiting.indexOf(place.proceed), 1);
        reject(signal.reason);
      }
      signal.addEventListener('abort', giveUp, { once: true });
      waiting.push(place.proceed);
    });
  };
  const leave = () => {
    const next = waiting.shift();
    if (next) {
      next();
    } else {
      running -= 1;
    }
  };

  return {
    async run(task, call) {
      const signal = call?.signal
        ? AbortSignal.any([call.signal, closing.signal])
        : closing.signal;
      signal.throwIfAborted();
      // Tasks wait here and not in the pool, so that the deadline of one begins when
      // it runs and those before it cannot use it up.
      await enter(signal);
      const deadline = new AbortController();
      let timer = setTimeout(() => deadline.abort(), START_MS);
      lastId += 1;
      const id = lastId;
      begun.set(id, () => {
        clearTimeout(timer);
        timer = setTimeout(() => deadline.abort(), timeoutMs);
      });
      try {
        return await piscina.run(
          { id, task },
          {
            signal: AbortSignal.any([signal, deadline.signal]),
          },
        );
      } catch (error) {
        if (signal.aborted) {
          throw signal.reason;
        }
        if (deadline.signal.aborted) {
          throw new WorkerDeadlineError(
            `${name} was stopped after ${timeoutMs / 1000} seconds.`,
            { cause: broken },
          );
        }
        throw error;
      } finally {
        clearTimeout(timer);
        begun.delete(id);
        leave();
      }
    },
    async close() {
      closing.abort(new Error(`${name} is shutting down.`));
      await piscina.destroy();
    },
  };
}
