/**
 * A count for people to read, with thousands separated.
 *
 * @public
 */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/**
 * A ratio as a percentage.
 *
 * @param ratio - 0 to 1
 * @returns for example `97 %`; below 1 % with one decimal
 * @public
 */
export function formatPercent(ratio: number): string {
  const percent = ratio * 100;
  const rounded =
    percent !== 0 && Math.abs(percent) < 1
      ? percent.toFixed(1)
      : Math.round(percent).toString();
  return `${rounded} %`;
}
