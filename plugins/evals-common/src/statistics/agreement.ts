import jStat from 'jstat';
import type { Interval } from '../types';
import { assertCounts } from './rates';

/**
 * How far two judges agree on the same things.
 *
 * @public
 */
export interface Agreement {
  /** Share of things that both judged the same. */
  same: number;
  /** The same beyond what chance would give, 1 at most; left out where both always say one and the same. */
  kappa?: number;
  /** How many things both judged. */
  count: number;
}

/**
 * Agreement of two judges beyond chance: κ = (p_o - p_e) / (1 - p_e). Show the plain share beside it, since κ is
 * low where nearly all is of one kind.
 *
 * Source: J. Cohen, Educ. Psychol. Meas. 20 (1960).
 *
 * @param pairs - what the one and the other said of each thing
 *
 * @public
 */
export function cohenKappa(pairs: [string, string][]): Agreement {
  const count = pairs.length;
  const byFirst = new Map<string, number>();
  const bySecond = new Map<string, number>();
  let agreed = 0;
  for (const [first, second] of pairs) {
    byFirst.set(first, (byFirst.get(first) ?? 0) + 1);
    bySecond.set(second, (bySecond.get(second) ?? 0) + 1);
    agreed += first === second ? 1 : 0;
  }
  const same = count === 0 ? 0 : agreed / count;
  let byChance = 0;
  for (const [label, times] of byFirst) {
    byChance += (times / count) * ((bySecond.get(label) ?? 0) / count);
  }
  return {
    same,
    count,
    ...(count > 0 &&
      byChance < 1 && { kappa: (same - byChance) / (1 - byChance) }),
  };
}

/**
 * What people said of cases that a judge judged too.
 *
 * @public
 */
export interface JudgeLabels {
  /** Cases that people called right, and how many of them the judge did. */
  right: { labels: number; agreed: number };
  /** Cases that people called wrong, and how many of them the judge did. */
  wrong: { labels: number; agreed: number };
}

/**
 * The share of right answers that people would have found, from what a judge said and how often it agrees with
 * people. A judge that knows little is no evidence: with fewer than 30 labels of a class, or a judge that is hardly
 * better than a coin (q0 + q1 - 1 below 0.3), it is refused with the reason.
 *
 * θ = (p̂ + q₀ - 1) / (q₀ + q₁ - 1), q₁ sensitivity, q₀ specificity, with the variance of all three.
 *
 * Source: W. J. Rogan and B. Gladen, Am. J. Epidemiol. 107 (1978); for language models arXiv 2511.21140.
 *
 * @public
 */
export function correctedRate(
  judged: { passed: number; cases: number },
  labels: JudgeLabels,
  confidence = 0.95,
): { rate: Interval } | { refused: string } {
  assertCounts(judged.passed, judged.cases);
  assertCounts(labels.right.agreed, labels.right.labels);
  assertCounts(labels.wrong.agreed, labels.wrong.labels);
  if (judged.cases === 0) {
    return { refused: 'The judge has judged no case yet' };
  }
  const fewest = Math.min(labels.right.labels, labels.wrong.labels);
  if (fewest < 30) {
    return {
      refused: `People have judged ${labels.right.labels} right and ${labels.wrong.labels} wrong answers that the judge judged too; it takes 30 of each to know how far it can be trusted`,
    };
  }
  const sensitivity = labels.right.agreed / labels.right.labels;
  const specificity = labels.wrong.agreed / labels.wrong.labels;
  const skill = sensitivity + specificity - 1;
  if (skill < 0.3) {
    return {
      refused: `The judge finds ${percent(sensitivity)} of right and ${percent(
        specificity,
      )} of wrong answers, which is too close to guessing`,
    };
  }
  const seen = judged.passed / judged.cases;
  const value = (seen + specificity - 1) / skill;
  const held = Math.min(1, Math.max(0, value));
  const variance =
    ((seen * (1 - seen)) / judged.cases +
      ((1 - held) ** 2 * specificity * (1 - specificity)) /
        labels.wrong.labels +
      (held ** 2 * sensitivity * (1 - sensitivity)) / labels.right.labels) /
    skill ** 2;
  const half =
    jStat.normal.inv(1 - (1 - confidence) / 2, 0, 1) * Math.sqrt(variance);
  return {
    rate: {
      value: held,
      low: Math.max(0, value - half),
      high: Math.min(1, value + half),
    },
  };
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
