import {
  decisionTimes,
  hasteOf,
  type TimedDecision,
  warningOf,
} from './decisionTimes';

/** Decisions, each so many seconds after the one before. */
function decided(
  seconds: number[],
  decision: (i: number) => TimedDecision['decision'] = () => 'approve',
): TimedDecision[] {
  let at = 1_000_000;
  return seconds.map((each, i) => {
    at += each * 1_000;
    return { by: 'user:default/lea', askedAt: 0, at, decision: decision(i) };
  });
}

describe('decisionTimes', () => {
  it('warns whoever approves nearly everything within seconds', () => {
    const fast = decisionTimes(decided([600, ...Array(11).fill(3)]).reverse());
    expect(fast).toEqual({
      count: 12,
      approved: 12,
      medianSeconds: 3,
      isHasty: true,
    });
    expect(warningOf(fast)).toContain(
      'You approved 12 of 12 requests, half of them within 3 seconds.',
    );
  });

  it('does not warn whoever reads, rejects, or has decided little', () => {
    for (const decisions of [
      decided(Array(12).fill(40)),
      decided(Array(9).fill(1)),
      decided(Array(12).fill(1), i => (i % 3 ? 'approve' : 'reject')),
      // One pile at the end of a slow day.
      decided([...Array(7).fill(120), ...Array(5).fill(2)]),
    ]) {
      expect(warningOf(decisionTimes(decisions))).toBeUndefined();
    }
    expect(decisionTimes([])).toEqual({
      count: 0,
      approved: 0,
      isHasty: false,
    });
  });

  it('was hasty then, whatever was decided later', () => {
    const LEA = 'user:default/lea';
    const DAY_S = 86_400;
    const made = decided([
      ...Array(12).fill(3),
      60 * DAY_S,
      ...Array(12).fill(600),
    ]);
    const wasHasty = hasteOf([...made].reverse());
    expect(wasHasty(LEA, made[5].at)).toBe(true);
    expect(wasHasty(LEA, made.at(-1)!.at)).toBe(false);
    expect(wasHasty('user:default/max', made[5].at)).toBe(false);
  });
});
