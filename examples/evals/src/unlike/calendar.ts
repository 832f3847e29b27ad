const DAY = 86_400_000;
const MONTHS =
  'january february march april may june july august september october november december'.split(
    ' ',
  );
const WEEKDAYS =
  'monday tuesday wednesday thursday friday saturday sunday'.split(' ');

const iso = (time: number) => new Date(time).toISOString().slice(0, 10);
const at = (year: number, month: number, day = 1) => Date.UTC(year, month, day);

/**
 * The first and last day of a span that a case names, by the convention of the evaluation: weeks begin on Monday, spans
 * of days end today, "since" ends today.
 */
export function spanOf(
  name: string,
  today: string,
): { from: string; to: string } {
  const now = Date.parse(`${today}T00:00:00Z`);
  const date = new Date(now);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  const weekday = (date.getUTCDay() + 6) % 7;
  const monday = now - weekday * DAY;
  const span = (from: number, to = from) => ({ from: iso(from), to: iso(to) });
  const monthSpan = (y: number, m: number) => span(at(y, m), at(y, m + 1, 0));
  const text = name.toLowerCase();

  switch (text) {
    case 'today':
      return span(now);
    case 'yesterday':
      return span(now - DAY);
    case 'day before yesterday':
      return span(now - 2 * DAY);
    case 'tomorrow':
      return span(now + DAY);
    case 'day after tomorrow':
      return span(now + 2 * DAY);
    case 'last week':
      return span(monday - 7 * DAY, monday - DAY);
    case 'week before last':
      return span(monday - 14 * DAY, monday - 8 * DAY);
    case 'this week':
      return span(monday, now);
    case 'next week':
      return span(monday + 7 * DAY, monday + 13 * DAY);
    case 'last weekend':
      return span(monday - 2 * DAY, monday - DAY);
    case 'this weekend':
      return span(monday + 5 * DAY, monday + 6 * DAY);
    case 'last month':
      return monthSpan(year, month - 1);
    case 'this month':
      return span(at(year, month), now);
    case 'next month':
      return monthSpan(year, month + 1);
    case 'last year':
      return span(at(year - 1, 0), at(year - 1, 11, 31));
    case 'this year':
      return span(at(year, 0), now);
    case 'last quarter':
      return span(
        at(year, Math.floor(month / 3) * 3 - 3),
        at(year, Math.floor(month / 3) * 3, 0),
      );
    default:
  }
  const past = /^(?:last|past) (\d+) (day|week)s$/.exec(text);
  if (past) {
    const days = Number(past[1]) * (past[2] === 'week' ? 7 : 1);
    return span(now - (days - 1) * DAY, now);
  }
  const quarter = /^q([1-4])(?: (\d{4}))?$/.exec(text);
  if (quarter) {
    const y = Number(quarter[2] ?? year);
    const first = (Number(quarter[1]) - 1) * 3;
    return span(at(y, first), at(y, first + 3, 0));
  }
  const between = /^(\S+) to (\S+)$/.exec(text);
  if (between) return { from: between[1], to: between[2] };
  const day = /^(this|next|last|since) (\w+)$/.exec(text);
  const index = day ? WEEKDAYS.indexOf(day[2]) : -1;
  if (day && index >= 0) {
    const ahead = (index - weekday + 7) % 7;
    // the most recent one before today, or the first one after it
    const recent = now - ((weekday - index + 7) % 7 || 7) * DAY;
    if (day[1] === 'last') return span(recent);
    if (day[1] === 'since') return span(recent, now);
    return span(now + (ahead || 7) * DAY);
  }
  if (day?.[1] === 'since' && MONTHS.includes(day[2]))
    return span(at(year, MONTHS.indexOf(day[2])), now);
  const named = /^(\w+)(?: (\d{4}))?$/.exec(text);
  if (named && MONTHS.includes(named[1]))
    return monthSpan(Number(named[2] ?? year), MONTHS.indexOf(named[1]));
  if (/^\d{4}$/.test(text))
    return span(at(Number(text), 0), at(Number(text), 11, 31));
  throw new Error(`"${name}" is no span that this calendar knows`);
}
