/**
 * A number of tokens, short.
 *
 * @param tokens - how many
 * @param options - `unit: true` adds the word "tokens"
 * @returns for example `950`, `1.2k`, `128k`, `1.05M`
 * @public
 */
export function formatTokens(
  tokens: number,
  options?: { unit?: boolean },
): string {
  let text: string;
  if (Math.abs(tokens) < 1000) {
    text = String(Math.round(tokens));
  } else if (Math.abs(tokens) < 999_500) {
    const thousands = tokens / 1000;
    text = `${trim(thousands, Math.abs(thousands) < 10 ? 1 : 0)}k`;
  } else {
    text = `${trim(tokens / 1_000_000, 2)}M`;
  }
  if (!options?.unit) {
    return text;
  }
  return `${text} ${tokens === 1 ? 'token' : 'tokens'}`;
}

function trim(value: number, digits: number): string {
  return digits === 0
    ? String(Math.round(value))
    : value.toFixed(digits).replace(/\.?0+$/, '');
}
