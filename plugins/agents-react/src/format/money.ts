const NANO_PER_USD = 1_000_000_000;

/**
 * Money for people to read. Storage keeps integer nano-USD (1e-9 USD); small
 * amounts keep two significant digits, because "$0.00" would hide what a single
 * call costs.
 *
 * @param nanoUsd - integer nano-USD
 * @returns for example `$0`, `$0.0042`, `$12.40`, `$1,204`
 * @public
 */
export function formatNanoUsd(nanoUsd: number | bigint): string {
  const usd = Number(nanoUsd) / NANO_PER_USD;
  const sign = usd < 0 ? '-' : '';
  const amount = Math.abs(usd);
  if (amount === 0) {
    return '$0';
  }
  if (amount < 0.000001) {
    return `${sign}< $0.000001`;
  }
  if (amount < 0.01) {
    const digits = 1 - Math.floor(Math.log10(amount));
    return `${sign}$${amount.toFixed(digits).replace(/0+$/, '')}`;
  }
  const fractionDigits = amount >= 1000 ? 0 : 2;
  return `${sign}$${amount.toLocaleString('en-US', {
    minimumFractionDigits: fractionDigits,
    maximumFractionDigits: fractionDigits,
  })}`;
}
