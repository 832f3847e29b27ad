/** Euro of whole cents, as tools return it. */
export function euros(amountInCents: number): number {
  return amountInCents / 100;
}

/** Whole cents of an amount in euro. */
export function cents(amount: number): number {
  return Math.round(amount * 100);
}

/** `€1,249.00` */
export function formatEuros(amountInCents: number): string {
  return `€${(amountInCents / 100).toLocaleString('en-US', {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  })}`;
}
