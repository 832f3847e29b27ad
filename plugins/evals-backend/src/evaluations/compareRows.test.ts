import { EvalsWorkers } from '../judging/EvalsWorkers';
import { compareRows } from './compareRows';
import type { ComparedRow } from './EvaluationStore';

// The first start of a process takes long where much else is going on.
jest.setTimeout(30_000);

const rowsOf = (
  count: number,
  outcome: (at: number) => ComparedRow['outcome'],
  latency = 100,
): ComparedRow[] =>
  Array.from({ length: count }, (_, at) => ({
    case_id: `case-${at}`,
    trial: 1,
    position: at,
    case_digest: `digest-${at}`,
    outcome: outcome(at),
    latency_ms: latency + (at % 7),
    cost_nano_usd: 1_000,
    call_count: 1,
  }));

describe('a comparison', () => {
  // As it is done: in a process of its own, where nothing stands between the code and V8.
  const workers = new EvalsWorkers({ maxProcesses: 1 });
  afterAll(() => workers.close());

  it('says that the candidate is worse, shows what broke first, and is quick', async () => {
    const before = rowsOf(2_000, at => (at % 10 ? 'passed' : 'failed'));
    const after = rowsOf(
      2_000,
      at => (at % 10 && at % 9 ? 'passed' : 'failed'),
      150,
    );
    const compare = (baseline: ComparedRow[], candidate: ComparedRow[]) =>
      workers.run(
        { kind: 'compare', baseline, candidate, isWhole: true },
        'agent:default/desk',
      );
    await compare([], []);
    const begun = performance.now();
    const { verdict, metrics, pairs, unpaired } = await compare(before, after);
    expect(performance.now() - begun).toBeLessThan(3_000);
    expect(verdict.decision).toBe('worse');
    expect([pairs[0], pairs.at(-1)!.change, unpaired]).toEqual([
      { caseId: 'case-9', change: 'worse' },
      'same',
      0,
    ]);
    const latency = metrics.find(({ metric }) => metric === 'latency')!;
    expect(latency.difference).toEqual({ value: 50, low: 50, high: 50 });
    expect(latency.pValue).toBeLessThan(0.01);
    const cost = metrics.find(({ metric }) => metric === 'cost')!;
    expect(cost.pValue).toBe(1);
  });

  it('pairs cases only where their text is the same and both came to something', () => {
    const before = rowsOf(5, () => 'passed');
    const after = rowsOf(6, at => (at === 3 ? 'incomplete' : 'failed'));
    after[1].case_digest = 'another';
    const { pairs, unpaired } = compareRows(before, after, { isWhole: true });
    expect(pairs.map(({ caseId }) => caseId)).toEqual([
      'case-0',
      'case-2',
      'case-4',
    ]);
    expect(unpaired).toBe(3);
  });

  it('decides later, with a p-value that says so, where somebody looks before all are in', () => {
    const before = rowsOf(6, () => 'passed');
    const after = rowsOf(6, () => 'failed');
    const [whole, looked] = [true, false].map(isWhole => {
      const { metrics, verdict } = compareRows(before, after, { isWhole });
      const { pValue } = metrics.find(({ metric }) => metric === 'pass-rate')!;
      return { isReal: pValue! <= 0.05, decision: verdict.decision };
    });
    expect(whole).toEqual({ isReal: false, decision: 'worse' });
    expect(looked).toEqual({ isReal: false, decision: 'undecided' });
  });
});
