/**
 * p-values after correction over all that are looked at together, in their order: whoever calls those up to 0.05 real
 * is wrong in 5 % of the ones called real.
 *
 * Source: Y. Benjamini and Y. Hochberg, J. R. Stat. Soc. B 57 (1995).
 *
 * @public
 */
export function benjaminiHochberg(pValues: number[]): number[] {
  const order = pValues
    .map((p, index) => ({ p, index }))
    .sort((a, b) => b.p - a.p);
  const corrected = new Array<number>(pValues.length);
  let least = 1;
  order.forEach(({ p, index }, fromLargest) => {
    const rank = pValues.length - fromLargest;
    least = Math.min(least, (p * pValues.length) / rank);
    corrected[index] = least;
  });
  return corrected;
}
