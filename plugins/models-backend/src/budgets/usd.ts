/** Nano-USD as dollars for people, exact and without trailing zeros. */
export function nanoToUsd(nano: number): string {
  const sign = nano < 0 ? '-' : '';
  const digits = String(Math.abs(nano)).padStart(10, '0');
  const part = digits.slice(-9).replace(/0+$/, '').padEnd(2, '0');
  return `${sign}${digits.slice(0, -9)}.${part} USD`;
}
