const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Times that are chosen with one click, by what the address calls them. */
export const RANGES = {
  '24h': { label: 'Last 24 hours', ms: DAY_MS },
  '7d': { label: 'Last 7 days', ms: 7 * DAY_MS },
  '30d': { label: 'Last 30 days', ms: 30 * DAY_MS },
  '90d': { label: 'Last 90 days', ms: 90 * DAY_MS },
} as const;

/** In the address, in the place of a range: the days `from` and `to`. */
export const OWN_DAYS = 'days';

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** From, and up to but not including, ISO 8601 in UTC; open at the end when it goes on. */
export interface Period {
  from: string;
  to?: string;
}

/**
 * The time that an address asks for; what it says wrongly is taken as the last 30 days.
 *
 * @param days - the first and the last UTC day, both in it
 */
export function periodOf(
  range: string,
  days: { from: string; to: string },
  now: number,
): Period {
  if (range === OWN_DAYS) {
    const [first, last] = [days.from, days.to].map(day =>
      DAY.test(day) ? Date.parse(day) : NaN,
    );
    if (first <= last) {
      return { from: iso(first), to: iso(last + DAY_MS) };
    }
  }
  const { ms } = RANGES[range as keyof typeof RANGES] ?? RANGES['30d'];
  return { from: iso(now - ms) };
}

/** The UTC days of a period, the ones without entries too. */
export function daysOf({ from, to }: Period, now: number): string[] {
  const first = Math.floor(Date.parse(from) / DAY_MS);
  const end = Math.ceil((to ? Date.parse(to) : now + 1) / DAY_MS);
  return Array.from({ length: Math.max(0, end - first) }, (_, index) =>
    iso((first + index) * DAY_MS).slice(0, 10),
  );
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
