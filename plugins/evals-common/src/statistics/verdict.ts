import type { Interval, Verdict } from '../types';
import { type PairCounts, pairedDifference } from './pairs';
import {
  casesForDifference,
  smallestDifference,
  USUAL_DISCORDANT,
} from './power';

/**
 * What a comparison of two versions on the same cases comes to, with the sentence that says so.
 *
 * @param options - `looks`: `'one'` where the number of cases was fixed before and all are in, else `'any'`, which errs
 *   no more often however often it is looked at. `margin`: share of cases below which a difference does not matter.
 *
 * @public
 */
export function verdictOf(
  counts: PairCounts,
  options: { looks?: 'any' | 'one'; confidence?: number; margin?: number } = {},
): Verdict {
  const { margin = 0.05 } = options;
  const { wins, losses, paired } = counts;
  if (paired === 0) {
    return {
      decision: 'undecided',
      sentence: 'No case was asked of both versions.',
    };
  }
  const difference = pairedDifference(counts, options);
  if (difference.low > 0) {
    return {
      decision: 'better',
      sentence: `The candidate is right in ${points(
        difference.value,
      )} more of 100 (${range(difference.low, difference.high)}).`,
    };
  }
  if (difference.high < 0) {
    return {
      decision: 'worse',
      sentence: `The candidate is right in ${points(
        difference.value,
      )} fewer of 100 (${range(-difference.high, -difference.low)}).`,
    };
  }
  if (-difference.low <= margin && difference.high <= margin) {
    return {
      decision: 'no-difference',
      sentence: `The versions differ by ${points(
        margin,
      )} of 100 at most (${between(difference)}).`,
    };
  }
  // A share of few differing cases is hardly known, so the usual one is taken there.
  const discordant =
    wins + losses < 5 ? USUAL_DISCORDANT : (wins + losses) / paired;
  const wanted = Math.max(Math.abs(difference.value), margin);
  const moreCases = Math.max(
    casesForDifference(wanted, discordant) - paired,
    Math.ceil(paired / 10),
  );
  const least = smallestDifference(paired, discordant);
  return {
    decision: 'undecided',
    sentence: [
      `${tendency(difference.value)}, which may be chance (${between(
        difference,
      )}).`,
      `About ${moreCases} more ${
        moreCases === 1 ? 'case' : 'cases'
      } would decide.`,
      ...(least > margin
        ? [`This set cannot show less than ${points(least)} points.`]
        : []),
    ].join(' '),
    moreCases,
  };
}

function tendency(value: number): string {
  if (points(value) === '0') {
    return 'Both are right equally often';
  }
  return `The candidate is right in ${points(value)} ${
    value > 0 ? 'more' : 'fewer'
  } of 100`;
}

function between({ low, high }: Interval): string {
  const side = (value: number, otherwise: string) =>
    points(value) === '0'
      ? '0'
      : `${points(value)} ${value < 0 ? 'fewer' : otherwise}`;
  return `${side(low, 'more')} to ${side(high, 'more')}`;
}

function range(low: number, high: number): string {
  return `${points(low)} to ${points(high)}`;
}

/** Of a hundred, whole where that says it and with one decimal below 1. */
function points(share: number): string {
  const hundredths = Math.abs(share) * 100;
  return hundredths >= 0.95
    ? String(Math.round(hundredths))
    : String(Math.round(hundredths * 10) / 10);
}
