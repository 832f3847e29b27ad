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

const MINUTE_MS = 60_000;

const formats = new Map<string, Intl.DateTimeFormat>();
/** What the clocks of a zone show, which they do for a minute. */
const shown = new Map<string, { minute: number; clock: Clock }>();

type Clock = Partial<Record<Intl.DateTimeFormatPartTypes, string>>;

/** `context.env` at a moment. */
export function environmentAt(
  now: number,
  { timeZone, freeze }: RuleSettings,
): Record<string, CedarValue> {
  const { hour, weekday, year, month, day } = clockAt(now, timeZone);
  return {
    hour: Number(hour),
    weekday: weekday!.toLowerCase(),
    date: datetime(`${year}-${month}-${day}`),
    now: datetime(new Date(now).toISOString()),
    freeze,
  };
}

function clockAt(now: number, timeZone: string): Clock {
  const minute = Math.floor(now / MINUTE_MS);
  let last = shown.get(timeZone);
  if (last?.minute !== minute) {
    const parts = formatOf(timeZone).formatToParts(now);
    const clock: Clock = Object.fromEntries(
      parts.map(({ type, value }) => [type, value]),
    );
    last = { minute, clock };
    shown.set(timeZone, last);
  }
  return last.clock;
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
