import type { CedarValue } from './ArgumentShape';

/**
 * What the portal says of the moment of a call.
 *
 * @public
 */
export interface RuleSettings {
  /** IANA name; hours and days are of this zone. */
  timeZone: string;
  /** Names of freezes that are on, such as `payments`. */
  freeze: string[];
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** `context.env` at a moment. */
export function environmentAt(
  now: number,
  { timeZone, freeze }: RuleSettings,
): Record<string, CedarValue> {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(now)
      .map(({ type, value }) => [type, value]),
  );
  return {
    hour: Number(parts.hour),
    weekday: parts.weekday.toLowerCase(),
    date: datetime(`${parts.year}-${parts.month}-${parts.day}`),
    now: datetime(new Date(now).toISOString()),
    freeze,
  };
}

function datetime(arg: string): CedarValue {
  return { __extn: { fn: 'datetime', arg } };
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      hour: '2-digit',
      weekday: 'long',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    formats.set(timeZone, format);
  }
  return format;
}
