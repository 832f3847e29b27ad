const DAY_MS = 86_400_000;
const format = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' });
const DAY = format({ day: 'numeric', month: 'short' });
const TIME = format({ hour: '2-digit', minute: '2-digit' });
const BOTH = format({
  ...{ day: 'numeric', month: 'short' },
  ...{ hour: '2-digit', minute: '2-digit' },
});

/** A moment as day and time, in UTC. */
export function momentText(at: number): string {
  return BOTH.format(at);
}

/** As short as an axis needs it, in UTC. */
export function tickText(at: number, step: number, span: number): string {
  if (step >= DAY_MS) {
    return DAY.format(at);
  }
  return span > DAY_MS ? BOTH.format(at) : TIME.format(at);
}
