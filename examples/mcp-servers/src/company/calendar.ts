/**
 * The day on which the example data was taken. Everything in it is dated
 * relative to this day, and "overdue" means overdue on this day.
 */
export const DATA_DAY = '2026-11-20';

const MS_PER_DAY = 86_400_000;

/** The date (YYYY-MM-DD, UTC) some days after another; negative is before. */
export function addDays(date: string, days: number): string {
  const at = Date.parse(`${date}T00:00:00Z`) + days * MS_PER_DAY;
  return new Date(at).toISOString().slice(0, 10);
}

/** Days from one date to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round(
    (Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) /
      MS_PER_DAY,
  );
}

/** Working days (Monday to Friday) from one date to another, both included. */
export function workingDays(from: string, to: string): number {
  let count = 0;
  for (let day = from; day <= to; day = addDays(day, 1)) {
    const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
    if (weekday !== 0 && weekday !== 6) {
      count += 1;
    }
  }
  return count;
}
