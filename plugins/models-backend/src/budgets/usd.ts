const USD = /^(\d{1,7})(?:\.(\d{1,9}))?$/;

/**
 * Reads dollars as people write them (`25`, `0.50`) to integer nano-USD, digit
 * by digit, because a float would round.
 *
 * @returns `undefined` for anything that is not an amount of money
 */
export function usdToNano(text: string): number | undefined {
  const [, whole, part = ''] = USD.exec(text.trim()) ?? [];
  if (whole === undefined) {
    return undefined;
  }
  return Number(BigInt(whole) * 1_000_000_000n + BigInt(part.padEnd(9, '0')));
}

/** Nano-USD as dollars for people, exact and without trailing zeros. */
export function nanoToUsd(nano: number): string {
  const sign = nano < 0 ? '-' : '';
  const digits = String(Math.abs(nano)).padStart(10, '0');
  const part = digits.slice(-9).replace(/0+$/, '').padEnd(2, '0');
  return `${sign}${digits.slice(0, -9)}.${part} USD`;
}
