/** Parts of a limit as a person reads and types them: `50, 80`. */
export function thresholdsToText(thresholds: number[]): string {
  return thresholds
    .map(threshold => Math.round(threshold * 1000) / 10)
    .join(', ');
}

/**
 * Reads percentages that are parted by commas or spaces.
 *
 * @returns ascending parts of the limit; `undefined` when one is none
 */
export function textToThresholds(text: string): number[] | undefined {
  const words = text
    .replace(/%/g, ' ')
    .split(/[\s,;]+/)
    .filter(Boolean);
  if (!words.every(word => /^\d{1,3}(\.\d)?$/.test(word))) {
    return undefined;
  }
  const parts = words.map(word => Math.round(Number(word) * 10) / 1000);
  if (parts.some(part => part <= 0 || part > 1) || parts.length > 10) {
    return undefined;
  }
  return [...new Set(parts)].sort((a, b) => a - b);
}
