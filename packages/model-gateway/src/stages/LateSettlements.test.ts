import type { AttemptOutcome, CallLedger } from '../ports';
import { LateSettlements } from './LateSettlements';

const outcome: AttemptOutcome = {
  status: 'succeeded',
  durationMs: 1,
  usage: {
    inputUncached: 1,
    cacheRead: 0,
    cacheWrite: 0,
    outputText: 1,
    reasoning: 0,
  },
  costNanoUsd: 5,
  priceVersion: 'v',
  estimated: false,
};

describe('LateSettlements', () => {
  it('tries until the ledger is back, and then settles each once', async () => {
    jest.useFakeTimers();
    let away = true;
    const settled: string[] = [];
    const ledger: CallLedger = {
      open: async () => {},
      settle: async id => {
        if (away) {
          throw new Error('database is away');
        }
        settled.push(id);
      },
    };
    const late = new LateSettlements({
      ledger,
      logger: { warn: () => {}, error: () => {} },
    });
    late.add('a-1', outcome);
    late.add('b-1', outcome);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(late.size).toBe(2);
    away = false;
    await jest.advanceTimersByTimeAsync(60_000);
    expect(settled).toEqual(['a-1', 'b-1']);
    expect(late.size).toBe(0);
    jest.useRealTimers();
  });
});
