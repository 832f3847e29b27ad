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
