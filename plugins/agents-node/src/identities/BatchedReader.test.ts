import { BatchedReader } from './BatchedReader';

describe('BatchedReader', () => {
  function reader() {
    let time = 0;
    const requests: string[][] = [];
    let failing = false;
    const batched = new BatchedReader<string>({
      batchSize: 3,
      now: () => time,
      fetch: async ids => {
        requests.push(ids);
        if (failing) {
          throw new Error('away');
        }
        return new Map(
          ids.filter(id => id !== 'none').map(id => [id, `${id} at ${time}`]),
        );
      },
    });
    return {
      requests,
      read: (id: string, maxAge = 2_000) => batched.read(id, maxAge),
      pass: (ms: number) => {
        time += ms;
      },
      fail: (now: boolean) => {
        failing = now;
      },
    };
  }

  it('asks once for all that is asked at the same time, in batches', async () => {
    const { requests, read } = reader();
    expect(
      await Promise.all(['a', 'b', 'a', 'c', 'd', 'none'].map(id => read(id))),
    ).toEqual(['a at 0', 'b at 0', 'a at 0', 'c at 0', 'd at 0', undefined]);
    expect(requests).toEqual([
      ['a', 'b', 'c'],
      ['d', 'none'],
    ]);
  });

  it('remembers an answer, also that there is none, as long as whoever asks allows', async () => {
    const { requests, read, pass } = reader();
    await Promise.all([read('a'), read('none')]);
    pass(2_000);
    expect(await read('a')).toBe('a at 0');
    expect(await read('none')).toBeUndefined();
    expect(requests).toHaveLength(1);
    expect(await read('a', 500)).toBe('a at 2000');
    pass(2_001);
    expect(await read('a')).toBe('a at 4001');
  });

  it('does not remember that it could not ask', async () => {
    const { read, fail } = reader();
    fail(true);
    await expect(Promise.all([read('a'), read('b')])).rejects.toThrow('away');
    fail(false);
    expect(await read('a')).toBe('a at 0');
  });
});
