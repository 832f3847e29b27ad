import type { Refusal } from './holdBatch';
import type { SetWindow } from './HoldSets';

interface Waiter {
  neededNanoUsd: number;
  wake: () => void;
}

interface Queue {
  /** What those who wait have not been told of yet. */
  roomNanoUsd: number;
  /** In the order in which they came. */
  waiters: Set<Waiter>;
}

/**
 * Those who wait for room on counters. When a call gives some back, as many of
 * them try again as it may be enough for, and not all: each try is a write, and
 * all write in one place.
 */
export class RoomQueue {
  readonly #queues = new Map<string, Queue>();

  /** Resolves when there may be room on a counter, or when the time is over. */
  async wait(refusal: Refusal, ms: number): Promise<void> {
    const { budget, heldNanoUsd, neededNanoUsd, spentNanoUsd } = refusal;
    const id = `${budget.id} ${refusal.windowStart}`;
    const queue = this.#queues.get(id) ?? {
      roomNanoUsd: 0,
      waiters: new Set(),
    };
    this.#queues.set(id, queue);
    queue.roomNanoUsd = budget.limitNanoUsd - spentNanoUsd - heldNanoUsd;
    await new Promise<void>(resolve => {
      const waiter: Waiter = { neededNanoUsd, wake: resolve };
      const timer = setTimeout(() => {
        queue.waiters.delete(waiter);
        resolve();
      }, ms);
      waiter.wake = () => {
        clearTimeout(timer);
        resolve();
      };
      queue.waiters.add(waiter);
    });
    if (queue.waiters.size === 0 && this.#queues.get(id) === queue) {
      this.#queues.delete(id);
    }
  }

  /** A call gave back a part of what it held. */
  giveBack(windows: readonly SetWindow[], nanoUsd: number): void {
    for (const { id } of windows) {
      const queue = this.#queues.get(id);
      if (!queue) {
        continue;
      }
      queue.roomNanoUsd += nanoUsd;
      for (const waiter of queue.waiters) {
        if (waiter.neededNanoUsd > queue.roomNanoUsd) {
          break;
        }
        queue.roomNanoUsd -= waiter.neededNanoUsd;
        queue.waiters.delete(waiter);
        waiter.wake();
      }
    }
  }
}
