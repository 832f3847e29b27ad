const NANO_DIGITS = 9;
// The limit of a budget is a safe integer of nano-USD: about nine million dollars.
const USD = /^(\d{1,7})(?:\.(\d{0,9}))?$/;

/**
 * Reads dollars as people type them to integer nano-USD, digit by digit, because
 * a float would round.
 *
 * @returns `undefined` for anything that is not an amount
 */
export function usdToNano(text: string): number | undefined {
  const typed = text
    .trim()
    .replace(/^\$\s*/, '')
    .replace(/,(?=\d{3})/g, '');
  const [, whole, part = ''] = USD.exec(typed) ?? [];
  if (whole === undefined) {
    return undefined;
  }
  const nano = BigInt(`${whole}${part.padEnd(NANO_DIGITS, '0')}`);
  return nano <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(nano) : undefined;
}

/** An exact amount without its unit, with cents at least: `50.00`, `0.0042`. */
export function nanoToUsd(nano: number): string {
  const digits = String(Math.abs(nano)).padStart(NANO_DIGITS + 1, '0');
  const whole = digits.slice(0, -NANO_DIGITS);
  const part = digits.slice(-NANO_DIGITS).replace(/0+$/, '').padEnd(2, '0');
  return `${nano < 0 ? '-' : ''}${whole}.${part}`;
}

/** The same for people to read: `2,000.00`. */
export function readableUsd(nano: number): string {
  const [whole, part] = nanoToUsd(nano).split('.');
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${part}`;
}
