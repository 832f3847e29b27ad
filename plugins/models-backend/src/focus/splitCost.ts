/**
 * Splits a cost in proportion to weights so that the parts add up to it exactly;
 * what is left over from rounding goes to the largest remainders. Without any
 * weight it is split evenly.
 *
 * @param cost - integer, at least 0
 * @param weights - integers, at least 0
 */
export function splitCost(cost: bigint, weights: bigint[]): bigint[] {
  const given = weights.reduce((sum, weight) => sum + weight, 0n);
  const used = given > 0n ? weights : weights.map(() => 1n);
  const total = given > 0n ? given : BigInt(weights.length);
  const parts = used.map(weight => (cost * weight) / total);
  const order = used
    .map((weight, index) => ({ index, remainder: (cost * weight) % total }))
    .sort((a, b) => Number(b.remainder - a.remainder) || a.index - b.index);
  let left = cost - parts.reduce((sum, part) => sum + part, 0n);
  for (let i = 0; left > 0n; i += 1, left -= 1n) {
    parts[order[i].index] += 1n;
  }
  return parts;
}
