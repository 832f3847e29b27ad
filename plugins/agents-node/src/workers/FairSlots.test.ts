import { FairSlots, NoSlotError } from './FairSlots';

describe('FairSlots', () => {
  const slots = () => new FairSlots({ max: 2, maxWaiting: 10 });
  const never = new AbortController().signal;

  /** Starts tasks that end when they are told to. */
  function tasksOf(fair: FairSlots) {
    const running = new Map<string, () => void>();
    return {
      running: () => [...running.keys()],
      start: (id: string, ...refs: string[]) =>
        fair.run(
          refs.map(ref => ({ ref, max: 3 })),
          never,
          () => new Promise<void>(resolve => running.set(id, resolve)),
        ),
      end: async (id: string) => {
        running.get(id)!();
        running.delete(id);
        await new Promise(resolve => setImmediate(resolve));
      },
    };
  }

  it('gives everybody a turn, and nobody two slots', async () => {
    const { start, end, running } = tasksOf(slots());
    void start('m1', 'mallory', 'evil');
    void start('m2', 'mallory', 'other');
    void start('m3', 'mallory', 'evil');
    expect(running()).toEqual(['m1']);
    void start('ann', 'ann', 'good');
    void start('bob', 'bob', 'evil');
    await end('m1');
    expect(running()).toEqual(['ann', 'm2']);
    await end('m2');
    // Not m3, which waited longer, because mallory just had a turn.
    expect(running()).toEqual(['ann', 'bob']);
    await end('ann');
    // The server of m3 is being served.
    expect(running()).toEqual(['bob']);
    await end('bob');
    expect(running()).toEqual(['m3']);
  });

  it('lets newcomers not go before those who wait for their first turn', async () => {
    const { start, end, running } = tasksOf(slots());
    void start('a', 'ann');
    void start('b', 'bob');
    void start('c', 'cem');
    await end('a');
    void start('d', 'dora');
    void start('a2', 'ann');
    await end('b');
    expect(running()).toEqual(['c', 'd']);
  });

  it('bounds what waits of one party and of all', async () => {
    const fair = slots();
    const { start } = tasksOf(fair);
    for (let i = 0; i < 3; i++) void start(`m${i}`, 'mallory', `server ${i}`);
    await expect(start('m4', 'mallory', 'x')).rejects.toMatchObject({
      party: 'mallory',
      max: 3,
    });
    for (let i = 0; i < 9; i++) void start(`u${i}`, `user ${i}`);
    await expect(start('u9', 'user 9')).rejects.toThrow(NoSlotError);
  });
});
