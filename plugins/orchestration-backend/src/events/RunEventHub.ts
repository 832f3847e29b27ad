import { EventEmitter, once } from 'node:events';

/**
 * Tells readers in this process that a run has new events. It carries no
 * events: readers take them from the database, so that a hint that is lost, or
 * a run of another process, costs a moment and never an event.
 */
export class RunEventHub {
  readonly #emitter = new EventEmitter().setMaxListeners(0);

  static create(): RunEventHub {
    return new RunEventHub();
  }

  private constructor() {}

  notify(runId: string): void {
    this.#emitter.emit(runId);
  }

  /** Starts to listen; hints that come between two waits are remembered. */
  subscribe(runId: string): RunEventSubscription {
    let hinted = false;
    const onHint = () => {
      hinted = true;
    };
    this.#emitter.on(runId, onHint);
    return {
      wait: async (timeoutMs, signal) => {
        if (!hinted) {
          const either = AbortSignal.any([
            signal,
            AbortSignal.timeout(timeoutMs),
          ]);
          await once(this.#emitter, runId, { signal: either }).catch(() => {});
        }
        hinted = false;
      },
      close: () => {
        this.#emitter.off(runId, onHint);
      },
    };
  }
}

/** One reader's ear at the hub. */
export interface RunEventSubscription {
  /** Resolves at the next hint, after the time, or when aborted. */
  wait(timeoutMs: number, signal: AbortSignal): Promise<void>;
  close(): void;
}
