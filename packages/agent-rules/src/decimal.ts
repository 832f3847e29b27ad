/** Cedar's decimals have four digits behind the point and are 64 bits wide. */
const DIGITS = 4;
const SCALE = 10 ** DIGITS;
/** Numbers of JSON are exact to 2^53; more cannot be told from its neighbours. */
const MAX_UNITS = Number.MAX_SAFE_INTEGER;

/**
 * A number in ten-thousandths, away from zero, so that nothing slips under a limit:
 * 200.00001 is more than 200. Nothing when it is out of range.
 *
 * @public
 */
export function toUnits(value: number): number | undefined {
  // Through the shortest decimal form, because 1.1 * 10000 is not 11000.
  const exact = Number(shifted(Math.abs(value)));
  const units = Math.ceil(exact) * Math.sign(value);
  return Number.isFinite(value) && Math.abs(units) <= MAX_UNITS
    ? units
    : undefined;
}

/** A number of ten-thousandths as Cedar writes a decimal. */
export function unitsToDecimal(units: number): string {
  const sign = units < 0 ? '-' : '';
  const size = Math.abs(units);
  const whole = Math.floor(size / SCALE);
  return `${sign}${whole}.${String(size % SCALE).padStart(DIGITS, '0')}`;
}

/** A number as Cedar writes a decimal; nothing when it is out of range. */
export function toDecimal(value: number): string | undefined {
  const units = toUnits(value);
  return units === undefined ? undefined : unitsToDecimal(units);
}

function shifted(value: number): string {
  const [mantissa, exponent = '0'] = String(value).split('e');
  return `${mantissa}e${Number(exponent) + DIGITS}`;
}
