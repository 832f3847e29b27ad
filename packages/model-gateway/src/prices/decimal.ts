const DECIMAL = /^(\d+)(?:\.(\d+))?(?:e([+-]?\d{1,3}))?$/i;

/**
 * A decimal number times a power of ten, as a whole number, rounded half up.
 * Prices are written as fractions of a dollar for a token (`1.25e-06`), which
 * doubles cannot hold; their digits are moved instead of multiplied. A number's
 * shortest text has the digits that it was written with, up to fifteen.
 *
 * @public
 * @returns `undefined` for what is no price: negative, not finite, too large
 */
export function scaledDecimal(
  value: unknown,
  powerOfTen: number,
): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') {
    return undefined;
  }
  const match = DECIMAL.exec(String(value).trim());
  if (!match) {
    return undefined;
  }
  const [, whole, fraction = '', exponent = '0'] = match;
  const shift = Number(exponent) + powerOfTen - fraction.length;
  const digits = BigInt(whole + fraction);
  if (shift >= 0) {
    return shift > 40 ? undefined : safe(digits * 10n ** BigInt(shift));
  }
  const unit = 10n ** BigInt(-shift);
  return safe((digits + unit / 2n) / unit);
}

function safe(value: bigint): number | undefined {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : undefined;
}
