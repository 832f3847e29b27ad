import fc from 'fast-check';
import type { ComplexityTier } from '../directory/model';
import { calibrate, type ComplexityOutcome } from './calibrate';
import { DEFAULT_TIER_THRESHOLDS } from './ComplexityRater';

const [simple, medium] = DEFAULT_TIER_THRESHOLDS;

/** Outcomes of a tier, evenly over scores, that succeed as told. */
function outcomes(
  tier: ComplexityTier,
  count: number,
  upTo: number,
  succeeds: (score: number, index: number) => boolean,
): ComplexityOutcome[] {
  return Array.from({ length: count }, (_, index) => {
    const score = (upTo * (index + 1)) / count;
    return { tier, score, succeeded: succeeds(score, index) };
  });
}

describe('calibrate', () => {
  it('keeps the default while there is little to go by', () => {
    const { thresholds, basis } = calibrate(
      outcomes('simple', 39, simple, () => false),
    );
    expect(thresholds).toEqual(DEFAULT_TIER_THRESHOLDS);
    expect(basis[0]).toMatchObject({ rule: 'default', outcomes: 39 });
  });

  it('lets a tier that is good up to its end try a little more', () => {
    const { thresholds, basis } = calibrate(
      outcomes('simple', 80, simple, () => true),
    );
    expect(thresholds[0]).toBeCloseTo(simple + 0.03);
    expect(thresholds.slice(1)).toEqual(DEFAULT_TIER_THRESHOLDS.slice(1));
    expect(basis[0]).toMatchObject({ rule: 'raised', successes: 80 });
  });

  it('takes from a tier the scores at which it fails', () => {
    const { thresholds, basis } = calibrate(
      outcomes('medium', 200, medium, score => score < medium / 2),
    );
    expect(thresholds[1]).toBeGreaterThan(medium / 2 - 0.05);
    expect(thresholds[1]).toBeLessThan(medium / 2 + 0.05);
    expect(basis[1].rule).toBe('lowered');
  });

  it('does not move for the failures that any model has now and then', () => {
    const { thresholds } = calibrate(
      outcomes('medium', 200, medium - 0.1, (_, index) => index % 20 !== 19),
    );
    expect(thresholds[1]).toBe(medium);
  });

  it('gives a tier that fails at everything nothing', () => {
    const { thresholds } = calibrate(
      outcomes('simple', 100, simple, () => false),
    );
    expect(thresholds[0]).toBeLessThan(0.01);
  });

  it('always gives thresholds in order, from 0 to 1', () => {
    const outcome = fc.record({
      tier: fc.constantFrom<ComplexityTier>(
        'simple',
        'medium',
        'complex',
        'reasoning',
      ),
      score: fc.double({ min: 0, max: 1, noNaN: true }),
      succeeded: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(outcome, { maxLength: 300 }), list => {
        const { thresholds } = calibrate(list);
        expect([...thresholds].sort((a, b) => a - b)).toEqual(thresholds);
        expect(thresholds[0]).toBeGreaterThanOrEqual(0);
        expect(thresholds[2]).toBeLessThanOrEqual(1);
      }),
    );
  });
});
