const NANO_DIGITS = 9;
/** Enough that price times quantity is the cost to the nano-USD again. */
const RATIO_DIGITS = 24;

/** Integer nano-USD as a decimal number of dollars, exact, without an exponent. */
export function dollars(nano: bigint): string {
  return decimal(nano, NANO_DIGITS);
}

/** `value` divided by ten to the power of `digits`, exact. */
export function decimal(value: bigint, digits: number): string {
  const sign = value < 0n ? '-' : '';
  const text = String(value < 0n ? -value : value).padStart(digits + 1, '0');
  const part = text.slice(text.length - digits).replace(/0+$/, '');
  const whole = text.slice(0, text.length - digits);
  return `${sign}${whole}${part ? `.${part}` : ''}`;
}

/** A quotient as a decimal number, rounded half up at the 24th place. */
export function quotient(dividend: bigint, divisor: bigint): string {
  const scaled = dividend * 10n ** BigInt(RATIO_DIGITS);
  return decimal((2n * scaled + divisor) / (2n * divisor), RATIO_DIGITS);
}
