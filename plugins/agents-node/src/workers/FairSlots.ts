/** Too many tasks wait, of all or of one party. */
export class NoSlotError extends Error {
  override name = 'NoSlotError';
  /** The party that has too many; undefined when all together have. */
  readonly party: string | undefined;
  readonly max: number;

  constructor(max: number, party?: string) {
    super(`There are ${max} of ${party ?? 'all'} already`);
    this.party = party;
    this.max = max;
  }
}

/**
 * Who may be the cause of what a task costs, such as a caller or a server.
 *
 * @public
 */
export interface Party {
  ref: string;
  /** How many tasks of it may wait or run. */
  max: number;
}

interface Share {
  inFlight: number;
  isServed: boolean;
  /** When it had its last turn, in turns. */
  lastTurn: number;
}

/**
 * Lets a number of tasks run at once, in turn by whose they are: one task of each
 * party runs at a time, and the next is of those who waited longest for a turn.
 */
export class FairSlots {
  readonly #max: number;
  readonly #maxWaiting: number;
  readonly #shares = new Map<string, Share>();
  readonly #waiting: Array<{ parties: string[]; proceed(): void }> = [];
  #running = 0;
  #turns = 0;

  constructor(options: { max: number; maxWaiting: number }) {
    this.#max = options.max;
    this.#maxWaiting = options.maxWaiting;
  }

  /**
   * Runs a task when it is its turn.
   *
   * @param of - whose it is, each once
   * @throws NoSlotError when too many wait
   */
  async run<T>(
    of: Party[],
    signal: AbortSignal,
    task: () => Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    const full = of.find(
      ({ ref, max }) => (this.#shares.get(ref)?.inFlight ?? 0) >= max,
    );
    if (full) {
      throw new NoSlotError(full.max, full.ref);
    }
    const parties = of.map(({ ref }) => ref);
    const mayRun = this.#running < this.#max && this.#isFree(parties);
    if (!mayRun && this.#waiting.length >= this.#maxWaiting) {
      throw new NoSlotError(this.#maxWaiting);
    }
    for (const party of parties) {
      const share = this.#shares.get(party) ?? {
        inFlight: 0,
        isServed: false,
        // Behind those who wait already, before the next of those who had a turn.
        lastTurn: this.#turns,
      };
      share.inFlight += 1;
      this.#shares.set(party, share);
    }
    try {
      if (mayRun) {
        this.#take(parties);
      } else {
        await this.#wait(parties, signal);
      }
      try {
        return await task();
      } finally {
        this.#running -= 1;
        for (const share of this.#sharesOf(parties)) {
          share.isServed = false;
        }
      }
    } finally {
      for (const party of parties) {
        const share = this.#shares.get(party)!;
        share.inFlight -= 1;
        if (share.inFlight === 0) {
          this.#shares.delete(party);
        }
      }
      this.#callNext();
    }
  }

  async #wait(parties: string[], signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const place = { parties, proceed: resolve };
      const giveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(place), 1);
        reject(signal.reason);
      };
      place.proceed = () => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiting.push(place);
    });
  }

  #callNext() {
    while (this.#running < this.#max) {
      const [next] = this.#waiting
        .filter(({ parties }) => this.#isFree(parties))
        .sort(
          (a, b) => this.#lastTurns(a.parties) - this.#lastTurns(b.parties),
        );
      if (!next) {
        return;
      }
      this.#waiting.splice(this.#waiting.indexOf(next), 1);
      this.#take(next.parties);
      next.proceed();
    }
  }

  #take(parties: string[]) {
    this.#running += 1;
    this.#turns += 1;
    for (const share of this.#sharesOf(parties)) {
      share.isServed = true;
      share.lastTurn = this.#turns;
    }
  }

  #isFree(parties: string[]): boolean {
    return this.#sharesOf(parties).every(({ isServed }) => !isServed);
  }

  #lastTurns(parties: string[]): number {
    return this.#sharesOf(parties).reduce(
      (sum, { lastTurn }) => sum + lastTurn,
      0,
    );
  }

  #sharesOf(parties: string[]): Share[] {
    return parties.flatMap(party => this.#shares.get(party) ?? []);
  }
}
