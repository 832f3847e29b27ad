import type { NewEntry } from '../store/seal';
import { AuditWriter } from './AuditWriter';

const entry = (id: string) => ({ id } as NewEntry);

/** A store that takes a while, and keeps what it took by transaction. */
function slowStore() {
  const batches: string[][] = [];
  let release = () => {};
  let blocked: Promise<void> | undefined;
  return {
    batches,
    block() {
      blocked = new Promise(resolve => (release = resolve));
    },
    unblock: () => release(),
    prepare: () => {},
    append: async (_tenant: string, entries: NewEntry[] | unknown) => {
      const ids = (entries as NewEntry[]).map(({ id }) => id);
      await blocked;
      if (ids.includes('bad')) throw new Error('bad entry');
      batches.push(ids);
      return ids.map((id, seq) => ({ id, seq }));
    },
  };
}

describe('AuditWriter', () => {
  it('writes together what comes while it writes', async () => {
    const store = slowStore();
    const writer = new AuditWriter({ store, maxWaiting: 100 });
    store.block();
    const first = writer.write('t', [entry('a')]);
    await new Promise(setImmediate);
    const others = ['b', 'c'].map(id => writer.write('t', [entry(id)]));
    store.unblock();
    expect(await first).toEqual([{ id: 'a', seq: 0 }]);
    expect(await Promise.all(others)).toEqual([
      [{ id: 'b', seq: 0 }],
      [{ id: 'c', seq: 1 }],
    ]);
    expect(store.batches).toEqual([['a'], ['b', 'c']]);
  });

  it('lets nobody pay for the entry of another', async () => {
    const store = slowStore();
    const writer = new AuditWriter({ store, maxWaiting: 100 });
    const results = await Promise.allSettled(
      ['a', 'bad', 'b'].map(id => writer.write('t', [entry(id)])),
    );
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
  });

  it('makes callers wait when it is full, and then refuses', async () => {
    const store = slowStore();
    const writer = new AuditWriter({ store, maxWaiting: 2, waitMs: 50 });
    store.block();
    const full = writer.write('t', [entry('a'), entry('b')]);
    await expect(writer.write('t', [entry('c')])).rejects.toMatchObject({
      name: 'ServiceUnavailableError',
      message: expect.stringContaining('2 entries wait'),
    });
    const waits = writer.write('t', [entry('d')]);
    store.unblock();
    await Promise.all([full, waits]);
    expect(store.batches.flat()).toEqual(['a', 'b', 'd']);
  });
});
