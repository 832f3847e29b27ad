import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createWorkerPool,
  WorkerLimitError,
  WorkerOverloadedError,
  type WorkerPool,
  type WorkerPoolOptions,
} from './createWorkerPool';

jest.setTimeout(60_000);

type Task = { kind: string; value?: number };

const poolOf = (options: Partial<WorkerPoolOptions>) =>
  createWorkerPool<Task, number>({
    name: 'The test',
    filename: path.resolve(__dirname, '../__testUtils__/worker.ts'),
    maxProcesses: 1,
    cpuMs: 700,
    maxHeapMb: 64,
    maxQueue: 2,
    ...options,
  });

describe('createWorkerPool', () => {
  let pool: WorkerPool<Task, number>;

  beforeEach(() => {
    pool = poolOf({});
  });

  afterEach(() => pool.close());

  it('answers, and passes on what a task throws', async () => {
    await expect(pool.run({ kind: 'echo', value: 4 })).resolves.toBe(4);
    await expect(pool.run({ kind: 'throw' })).rejects.toThrow('too far');
  });

  it('ends what hangs, keeps the event loop free, and serves the next', async () => {
    let late = 0;
    let last = Date.now();
    const timer = setInterval(() => {
      late = Math.max(late, Date.now() - last - 20);
      last = Date.now();
    }, 20);
    const hanging = pool.run({ kind: 'hang' });
    // Waits for the thread longer than a task may run, and is served all the same.
    const next = pool.run({ kind: 'echo', value: 7 });
    await expect(hanging).rejects.toMatchObject({
      name: 'WorkerLimitError',
      message: 'The test was stopped after 0.7 seconds of work.',
    });
    await expect(next).resolves.toBe(7);
    clearInterval(timer);
    expect(late).toBeLessThan(2_000);
  });

  it('does not take the time of a busy machine for that of a task', async () => {
    // A process that waits has as little of the processor as one whose machine is busy.
    await expect(pool.run({ kind: 'wait', value: 1_500 })).resolves.toBe(1_500);
    const short = poolOf({ wallMs: 500 });
    await expect(short.run({ kind: 'wait', value: 5_000 })).rejects.toThrow(
      new WorkerOverloadedError(
        'The test had too little of a busy machine to end within 0.5 seconds. Try again in a minute.',
        undefined,
      ),
    );
    await short.close();
  });

  it('ends what eats its memory alone, even where V8 gives up', async () => {
    const patient = poolOf({ cpuMs: 30_000 });
    await expect(patient.run({ kind: 'eat' })).rejects.toThrow(
      'The test was stopped because it needed more than 64 MB.',
    );
    await expect(patient.run({ kind: 'echo', value: 1 })).resolves.toBe(1);
    await patient.close();
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
    await expect(running).rejects.toThrow(WorkerLimitError);
    await expect(second).resolves.toBe(2);
    await expect(third).resolves.toBe(4);
  });

  it('refuses when one party has too many waiting, and serves the rest', async () => {
    const parties = [{ ref: 'user:default/mallory', max: 1 }];
    const hanging = pool.run({ kind: 'hang' }, { parties });
    const next = pool.run({ kind: 'echo', value: 1 });
    await expect(pool.run({ kind: 'echo' }, { parties })).rejects.toMatchObject(
      {
        party: 'user:default/mallory',
        message:
          'The test has 1 requests of user:default/mallory waiting. Try again in a few seconds.',
      },
    );
    await expect(hanging).rejects.toThrow(WorkerLimitError);
    await expect(next).resolves.toBe(1);
  });

  it('says that a module cannot be loaded, and blames no task for it', async () => {
    const broken = poolOf({ filename: path.join(__dirname, 'nothing.ts') });
    await expect(broken.run({ kind: 'echo' })).rejects.toMatchObject({
      message: 'The test could not be started.',
      cause: { message: expect.stringContaining('Cannot find module') },
    });
    await broken.close();
  });

  it('shows a process none of the secrets of the environment', async () => {
    process.env.TEST_SECRET = 'hunter2';
    const secretive = poolOf({});
    await expect(secretive.run({ kind: 'secrets' })).resolves.toBe(0);
    delete process.env.TEST_SECRET;
    await secretive.close();
  });

  it('leaves no process behind, not even one that hangs', async () => {
    const pid = await pool.run({ kind: 'pid' });
    const isThere = () => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    expect(isThere()).toBe(true);
    const hanging = pool.run({ kind: 'hang' }).catch(error => error);
    await pool.close();
    await hanging;
    await sleep(200);
    expect(isThere()).toBe(false);
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
