import type { ApprovalRecord, StoredDecision } from './ApprovalRecord';
import { decisionTimes } from './decisionTimes';

const LEA = 'user:default/lea';

/** Requests that Lea decided, each so many seconds after the one before. */
function decided(
  seconds: number[],
  decision: (i: number) => StoredDecision['decision'] = () => 'approve',
): ApprovalRecord[] {
  let at = 1_000_000;
  return seconds.map((each, i) => {
    at += each * 1_000;
    return {
      createdAt: 0,
      details: {
        decisions: [
          { by: LEA, at, decision: decision(i) },
          { by: 'user:default/max', at: at + 1, decision: 'reject' },
        ],
      },
    } as unknown as ApprovalRecord;
  });
}

describe('decisionTimes', () => {
  it('warns whoever approves nearly everything within seconds', () => {
    const fast = decisionTimes(LEA, decided([600, ...Array(11).fill(3)]));
    expect(fast).toMatchObject({ count: 12, approved: 12, medianSeconds: 3 });
    expect(fast.warning).toContain(
      'You approved 12 of 12 requests, half of them within 3 seconds.',
    );
  });

  it('does not warn whoever reads, rejects, or has decided little', () => {
    for (const records of [
      decided(Array(12).fill(40)),
      decided(Array(9).fill(1)),
      decided(Array(12).fill(1), i => (i % 3 ? 'approve' : 'reject')),
      // One pile at the end of a slow day.
      decided([...Array(7).fill(120), ...Array(5).fill(2)]),
    ]) {
      expect(decisionTimes(LEA, records).warning).toBeUndefined();
    }
    expect(decisionTimes(LEA, [])).toEqual({
      days: 30,
      count: 0,
      approved: 0,
    });
  });
});
