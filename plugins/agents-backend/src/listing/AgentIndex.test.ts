import { mockServices } from '@backstage/backend-test-utils';
import { AgentIndex, type AgentSnapshot } from './AgentIndex';

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

function snapshot(): AgentSnapshot {
  return { agents: [], domainOf: new Map(), labels: new Map() };
}

describe('AgentIndex', () => {
  let time: number;
  const now = () => time;

  beforeEach(() => {
    time = 1_000;
  });

  it('lets all who come first wait for one read', async () => {
    let reads = 0;
    const index = new AgentIndex({
      logger: mockServices.logger.mock(),
      read: async () => {
        reads += 1;
        await pause(20);
        return snapshot();
      },
    });
    const [one, other] = await Promise.all([index.get(), index.get()]);
    expect(one).toBe(other);
    expect(await index.get()).toBe(one);
    expect(reads).toBe(1);
  });

  it('shows a quick new read to whoever comes after the interval', async () => {
    const index = new AgentIndex({
      logger: mockServices.logger.mock(),
      minIntervalMs: 5,
      now,
      read: async () => snapshot(),
    });
    const first = await index.get();
    time += 30;
    expect(await index.get()).not.toBe(first);
  });

  it('shows what is there while a slow read is under way, and reads once', async () => {
    let reads = 0;
    let finish = () => {};
    const index = new AgentIndex({
      logger: mockServices.logger.mock(),
      minIntervalMs: 5,
      now,
      read: async () => {
        reads += 1;
        if (reads > 1) {
          await new Promise<void>(resolve => {
            finish = resolve;
          });
        }
        return snapshot();
      },
    });
    const first = await index.get();
    time += 30;
    expect(await Promise.all([index.get(), index.get()])).toEqual([
      first,
      first,
    ]);
    expect(await index.get()).toBe(first);
    expect(reads).toBe(2);
    finish();
    await pause(0);
    expect(await index.get()).not.toBe(first);
    expect(reads).toBe(2);
  });

  it('keeps the last read when one fails, says so, and tries again', async () => {
    const logger = mockServices.logger.mock();
    let broken = false;
    const index = new AgentIndex({
      logger,
      minIntervalMs: 5,
      now,
      read: async () => {
        if (broken) {
          throw new Error('the catalog is away');
        }
        return snapshot();
      },
    });
    const first = await index.get();
    broken = true;
    time += 30;
    expect(await index.get()).toBe(first);
    expect(logger.warn).toHaveBeenCalledWith(
      expect.stringContaining('as they were last read'),
      expect.objectContaining({ message: 'the catalog is away' }),
    );
    broken = false;
    time += 30;
    expect(await index.get()).not.toBe(first);
  });

  it('throws when the first read fails, and reads again for the next', async () => {
    let broken = true;
    const index = new AgentIndex({
      logger: mockServices.logger.mock(),
      read: async () => {
        if (broken) {
          throw new Error('the catalog is away');
        }
        return snapshot();
      },
    });
    await expect(index.get()).rejects.toThrow('the catalog is away');
    broken = false;
    await expect(index.get()).resolves.toEqual(snapshot());
  });
});
