import path from 'node:path';
import {
  createWorkerPool,
  WorkerDeadlineError,
  WorkerOverloadedError,
  type WorkerPool,
} from './createWorkerPool';

describe('createWorkerPool', () => {
  let pool: WorkerPool<{ kind: string; value?: number }, number>;

  beforeEach(() => {
    pool = createWorkerPool({
      name: 'The test',
      filename: path.resolve(__dirname, '../__testUtils__/worker.ts'),
      maxThreads: 1,
      timeoutMs: 700,
      maxHeapMb: 64,
      maxQueue: 2,
    });
  });

  afterEach(() => pool.close());

  it('answers, and passes on what a task throws', async () => {
    await expect(pool.run({ kind: 'echo', value: 4 })).resolves.toBe(4);
    await expect(pool.run({ kind: 'throw' })).rejects.toThrow('too far');
  });

  it('terminates what hangs, keeps the event loop free, and serves the next', async () => {
    let late = 0;
    let last = Date.now();
    const timer = setInterval(() => {
      late = Math.max(late, Date.now() - last - 20);
      last = Date.now();
    }, 20);
    const hanging = pool.run({ kind: 'hang' });
    // Waits for the thread longer than a task may run, and is served all the same.
    const next = pool.run({ kind: 'echo', value: 7 });
    await expect(hanging).rejects.toThrow(WorkerDeadlineError);
    await expect(next).resolves.toBe(7);
    clearInterval(timer);
    expect(late).toBeLessThan(2_000);
  });

  it('ends what eats its memory alone', async () => {
    await expect(pool.run({ kind: 'eat' })).rejects.toThrow();
    await expect(pool.run({ kind: 'echo', value: 1 })).resolves.toBe(1);
  });

  it('refuses when too many wait, and lets go of those who gave up', async () => {
    const gaveUp = new AbortController();
    const running = pool.run({ kind: 'hang' });
    const waiting = pool.run(
      { kind: 'echo', value: 1 },
      { signal: gaveUp.signal },
    );
    const second = pool.run({ kind: 'echo', value: 2 });
    await expect(pool.run({ kind: 'echo', value: 3 })).rejects.toThrow(
      WorkerOverloadedError,
    );
    gaveUp.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    const third = pool.run({ kind: 'echo', value: 4 });
    await expect(running).rejects.toThrow(WorkerDeadlineError);
    await expect(second).resolves.toBe(2);
    await expect(third).resolves.toBe(4);
  });

  it('lets go of everybody when it closes', async () => {
    const running = pool.run({ kind: 'hang' });
    const waiting = pool.run({ kind: 'echo', value: 1 });
    const closed = pool.close();
    await expect(running).rejects.toThrow('shutting down');
    await expect(waiting).rejects.toThrow('shutting down');
    await expect(pool.run({ kind: 'echo' })).rejects.toThrow('shutting down');
    await closed;
  });
});
