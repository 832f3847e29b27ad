import { InputError } from '@backstage/errors';

const DAY_MS = 86_400_000;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})?$/;

/**
 * The half-open time of a cost query in ms since the epoch. Without `from` it is
 * the current month, in UTC.
 */
export function readPeriod(
  query: { from?: string; to?: string },
  now: number,
): { from: number; to: number } {
  const today = new Date(now);
  const from =
    query.from === undefined
      ? Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), 1)
      : readMoment('from', query.from);
  const to =
    query.to === undefined ? endOfDay(now) : readMoment('to', query.to);
  if (to <= from) {
    throw new InputError('`to` must be after `from`.');
  }
  return { from, to };
}

/** No call is of the future, and whole days need not be added up. */
export function endOfDay(at: number): number {
  return (Math.floor(at / DAY_MS) + 1) * DAY_MS;
}

function readMoment(name: string, value: string): number {
  const hasZone = /(Z|[+-]\d{2}:\d{2})$/.test(value);
  const moment =
    DATE.test(value) || (DATE_TIME.test(value) && hasZone)
      ? Date.parse(value)
      : Date.parse(DATE_TIME.test(value) ? `${value}Z` : '');
  if (Number.isNaN(moment)) {
    throw new InputError(
      `\`${name}\` must be a UTC date such as 2026-11-01, or a date-time such as 2026-11-01T12:00:00Z.`,
    );
  }
  return moment;
}
