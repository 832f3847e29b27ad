import { type ChildProcess, fork } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { constants, setPriority } from 'node:os';

/** How long a process may take to start, in milliseconds. */
const START_MS = 30_000;
/** Of what a process says before it dies. */
const LAST_WORDS = 2_000;
/** What a process gets of the environment, in which there are secrets. */
const ENVIRONMENT = ['NODE_ENV', 'PATH', 'SystemRoot', 'TZ'];
/** How V8 ends a process that needs more memory than it may have, and the kernel one. */
const OUT_OF_MEMORY = new Set(['SIGABRT', 'SIGTRAP', 'SIGILL', 'SIGKILL', 134]);

/** How a process ends itself whose task has had the processor for too long. It leaves no core behind. */
export const OUT_OF_TIME = 'SIGVTALRM';

/** What a process says: that its module is loaded, and how a task ended. */
export type WorkerMessage =
  | { kind: 'ready' }
  | { kind: 'result'; value: unknown }
  | { kind: 'error'; error: Error };

/** A process ended by itself. */
export class WorkerEndedError extends Error {
  override name = 'WorkerEndedError';
  /** What it had too little of, if that is why. */
  readonly outOf: 'memory' | 'time' | undefined;

  constructor(end: NodeJS.Signals | number | null, lastWords: string) {
    super(`A worker process ended. It said: ${lastWords || 'nothing'}`);
    const outOfMemory = OUT_OF_MEMORY.has(end ?? 0) ? 'memory' : undefined;
    this.outOf = end === OUT_OF_TIME ? 'time' : outOfMemory;
  }
}

/** A process that runs one task at a time, and that ends with what it cannot bear. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  #lastWords = '';
  #ended = false;
  #waiting:
    | { resolve(value: unknown): void; reject(error: Error): void }
    | undefined;

  /** Starts a process with a module whose default export runs tasks. */
  static async start(options: {
    filename: string;
    cpuMs: number;
    maxHeapMb: number;
    signal: AbortSignal;
  }): Promise<WorkerProcess> {
    const worker = new WorkerProcess(options);
    const late = AbortSignal.timeout(START_MS);
    await worker.#answer(AbortSignal.any([options.signal, late]));
    return worker;
  }

  private constructor({
    filename,
    cpuMs,
    maxHeapMb,
  }: {
    filename: string;
    cpuMs: number;
    maxHeapMb: number;
  }) {
    const entry = require.resolve('@agentportal/plugin-agents-node/worker');
    this.#child = fork(entry, [filename, String(cpuMs)], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: Object.fromEntries(
        ENVIRONMENT.map(name => [name, process.env[name]]),
      ),
      execArgv: [
        `--max-old-space-size=${maxHeapMb}`,
        // A package that is run from its sources has workers in TypeScript.
        ...([entry, filename].some(file => file.endsWith('.ts'))
          ? [
              '--require',
              require.resolve('@backstage/cli/config/nodeTransform.cjs'),
            ]
          : []),
      ],
    });
    const stderr = this.#child.stderr as Socket;
    stderr.unref();
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-LAST_WORDS);
    });
    this.#child.on('message', (message: Partial<WorkerMessage>) => {
      const waiting = this.#waiting;
      // Whatever else a module says: Backstage's own transform tells of files it read.
      if (!waiting || !('kind' in message)) {
        return;
      }
      this.#waiting = undefined;
      if (message.kind === 'error') {
        waiting.reject(message.error!);
      } else {
        waiting.resolve(message.kind === 'result' ? message.value : undefined);
      }
    });
    this.#child.once('error', error => this.#end(error));
    // Not `exit`: its last words are read by then.
    this.#child.once('close', (code, signal) =>
      this.#end(new WorkerEndedError(signal ?? code, this.#lastWords)),
    );
    if (this.#child.pid !== undefined) {
      giveWay(this.#child.pid);
    }
  }

  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Runs a task. When it is aborted, the process ends with it.
   *
   * @throws WorkerEndedError when the process ends by itself
   */
  async run(task: unknown, signal: AbortSignal): Promise<unknown> {
    this.#child.ref();
    this.#child.channel?.ref();
    try {
      return await this.#answer(signal, () =>
        this.#child.send(task as object, error => error && this.#end(error)),
      );
    } finally {
      // What has nothing to do keeps no process from ending.
      this.#child.unref();
      this.#child.channel?.unref();
    }
  }

  kill(): void {
    this.#ended = true;
    this.#child.kill('SIGKILL');
  }

  async #answer(signal: AbortSignal, ask?: () => void): Promise<unknown> {
    const onAbort = () => {
      this.kill();
      this.#end(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting = { resolve, reject };
        if (signal.aborted) {
          onAbort();
        } else {
          ask?.();
        }
      });
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  #end(error: Error) {
    this.#ended = true;
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}

/** The process that serves everybody goes first, and is the last that a kernel ends. */
function giveWay(pid: number) {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already.
  }
  writeFile(`/proc/${pid}/oom_score_adj`, '1000').catch(() => {
    // There is no such thing except on Linux.
  });
}
