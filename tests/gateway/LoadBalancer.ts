import { setTimeout as sleep } from 'node:timers/promises';
import type { BackendProcess } from './processes';

const PROBE_MS = 100;

/** Sends calls to the processes that say that they are ready, in turns. */
export class LoadBalancer {
  readonly #processes: BackendProcess[];
  readonly #ready = new Set<BackendProcess>();
  #next = 0;
  #open = true;

  constructor(processes: BackendProcess[]) {
    this.#processes = processes;
    for (const process of processes) {
      this.#ready.add(process);
      void this.#probe(process);
    }
  }

  pick(): BackendProcess {
    const ready = this.#processes.filter(one => this.#ready.has(one));
    if (ready.length === 0) {
      throw new Error('No gateway is ready');
    }
    this.#next += 1;
    return ready[this.#next % ready.length];
  }

  close(): void {
    this.#open = false;
  }

  async #probe(process: BackendProcess): Promise<void> {
    while (this.#open) {
      if (await process.isReady()) {
        this.#ready.add(process);
      } else {
        this.#ready.delete(process);
      }
      await sleep(PROBE_MS);
    }
  }
}
