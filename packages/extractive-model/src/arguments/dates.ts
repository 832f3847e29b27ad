import * as chrono from 'chrono-node';

/** A day or a span of days in a text, as ISO dates; both ends are inside. */
export interface DateMention {
  from: string;
  to: string;
  /** Which side the words leave open: "since May" has no end, "before May" no start. */
  open?: 'from' | 'to';
  /** True when the words name both ends. */
  closed?: boolean;
  start: number;
  end: number;
}

const pad = (value: number) => String(value).padStart(2, '0');
const iso = (year: number, month: number, day: number) =>
  `${year}-${pad(month)}-${pad(day)}`;
const lastDay = (year: number, month: number) =>
  new Date(Date.UTC(year, month, 0)).getUTCDate();

function shift(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

function spanOf(
  part: chrono.ParsedComponents,
  text: string,
): { from: string; to: string } {
  const year = part.get('year') ?? 1970;
  const month = part.get('month') ?? 1;
  const day = part.get('day') ?? 1;
  if (part.isCertain('day') || part.isCertain('weekday')) {
    return { from: iso(year, month, day), to: iso(year, month, day) };
  }
  if (/\bweek\b/i.test(text)) {
    const given = iso(year, month, day);
    const weekday = (new Date(`${given}T00:00:00Z`).getUTCDay() + 6) % 7;
    return { from: shift(given, -weekday), to: shift(given, 6 - weekday) };
  }
  if (part.isCertain('month') || /\bmonth\b/i.test(text)) {
    return {
      from: iso(year, month, 1),
      to: iso(year, month, lastDay(year, month)),
    };
  }
  if (/\byear\b/i.test(text))
    return { from: iso(year, 1, 1), to: iso(year, 12, 31) };
  return { from: iso(year, month, day), to: iso(year, month, day) };
}

function openSide(text: string, start: number): 'from' | 'to' | undefined {
  const head = text.slice(Math.max(0, start - 24), start);
  if (
    /\b(?:since|after|from|starting|later than|newer than)\s*(?:the\s*)?$/i.test(
      head,
    )
  )
    return 'to';
  if (
    /\b(?:before|until|till|by|up to|older than|earlier than|no later than)\s*(?:the\s*)?$/i.test(
      head,
    )
  )
    return 'from';
  return undefined;
}

/** Quarters and bare years, which the date parser does not know. */
function plainSpans(text: string, now: Date): DateMention[] {
  const found: DateMention[] = [];
  for (const match of text.matchAll(
    /\bQ([1-4])(?:\s*(?:of\s*)?((?:19|20)\d{2}))?\b/gi,
  )) {
    const year = Number(match[2] ?? now.getUTCFullYear());
    const last = Number(match[1]) * 3;
    found.push({
      from: iso(year, last - 2, 1),
      to: iso(year, last, lastDay(year, last)),
      start: match.index,
      end: match.index + match[0].length,
    });
  }
  for (const match of text.matchAll(
    /\b((?:19|20)\d{2})-(0[1-9]|1[0-2])(?![-\d])/g,
  )) {
    const [year, month] = [Number(match[1]), Number(match[2])];
    found.push({
      from: iso(year, month, 1),
      to: iso(year, month, lastDay(year, month)),
      start: match.index,
      end: match.index + match[0].length,
    });
  }
  for (const match of text.matchAll(
    /\b(?:in|during|of|year|for|since|before|after|until)\s+((?:19|20)\d{2})(?![-\d./])/gi,
  )) {
    const start = match.index + match[0].length - 4;
    const year = Number(match[1]);
    found.push({
      from: iso(year, 1, 1),
      to: iso(year, 12, 31),
      start,
      end: start + 4,
    });
  }
  return found;
}

const DURATION =
  /^(?:for |by )?(?:\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve) (?:days?|weeks?|months?|years?|hours?|minutes?|nights?)$/i;

/** Every date and span of dates in a text, read in UTC against `now`. */
export function datesIn(text: string, now: Date): DateMention[] {
  const found = plainSpans(text, now);
  const reference = { instant: now, timezone: 0 };
  for (const result of chrono.parse(text, reference)) {
    const end = result.index + result.text.length;
    // "may" alone is a verb, "march" may be; digits alone are numbers; "now" is no date
    if (
      /^(?:may|march|mar|sun|sat|now|second|\d+|\d+\.\d+|\d+ ?(?:min|sec|m|h|s)\w*)$/i.test(
        result.text.trim(),
      ) &&
      !/\b(?:in|since|of|during|for|until|before|after|last|this|next|by)\s$/i.test(
        text.slice(0, result.index),
      )
    )
      continue;
    if (
      !result.start.isCertain('day') &&
      !result.start.isCertain('month') &&
      !result.start.isCertain('weekday') &&
      !/\b(?:day|today|tomorrow|yesterday|week|month|year|ago)\b/i.test(
        result.text,
      )
    )
      continue;
    // "for three weeks" is how long, not when
    if (DURATION.test(result.text.trim())) continue;
    if (found.some(other => other.start < end && result.index < other.end))
      continue;
    const first = spanOf(result.start, result.text);
    const last = result.end ? spanOf(result.end, result.text) : first;
    found.push({
      from: first.from,
      to: last.to,
      start: result.index,
      end,
      ...(result.end ? { closed: true } : {}),
    });
  }
  found.sort((a, b) => a.start - b.start);
  return found.map(mention => {
    const open = mention.closed ? undefined : openSide(text, mention.start);
    if (!open) return mention;
    // "before May" ends on the last of April, "after 3 May" starts on the 4th
    const head = text.slice(Math.max(0, mention.start - 20), mention.start);
    if (
      open === 'from' &&
      /\b(?:before|older than|earlier than)\s*(?:the\s*)?$/i.test(head)
    )
      return { ...mention, open, to: mention.from };
    return { ...mention, open };
  });
}
