import type { Reading, Stretch } from '../text/reading';
import { splitIdentifier } from '../text/words';
import type { Span } from '../time/spans';
import type { Slot } from './slot';

const START =
  /(?:^| )(?:from|starts?|starting|since|after|begin|beginning|first|earliest|check ?in|departure|pickup|min|opens?)(?:$| )/;
const END =
  /(?:^| )(?:to|ends?|until|till|before|through|last|latest|check ?out|return|max|expires?|closes?|thru|by)(?:$| )/;

const shifted = (date: string, days: number) =>
  new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10);

/** Which end of a span each slot of days takes. */
function endsOf(slots: Slot[]): Map<Slot, 'start' | 'end' | undefined> {
  const found = new Map<Slot, 'start' | 'end' | undefined>();
  for (const slot of slots) {
    const name = splitIdentifier(slot.name)
      .join(' ')
      .toLowerCase()
      // not before a day is from it on
      .replace(/\b(?:not|no) (?:before|earlier)\b/, 'from')
      .replace(/\b(?:not|no) (?:after|later)\b/, 'to');
    const end = END.test(name) ? 'end' : undefined;
    found.set(slot, START.test(name) ? 'start' : end);
  }
  // two days whose names do not tell which is which are first and last
  if (slots.length === 2 && slots.every(slot => !found.get(slot)))
    found.set(slots[0], 'start').set(slots[1], 'end');
  return found;
}

function dayOf(
  slot: Slot,
  span: Span,
  end: string | undefined,
  paired: boolean,
  reading: Reading,
): string | undefined {
  // a day or a week names no month
  if (slot.kind === 'month' && /^(?:day|week|weekend)$/.test(span.grain))
    return undefined;
  const name = slot.name.toLowerCase();
  if (end === 'end') {
    // one day said alone is the day itself where only an end is asked for; "since Monday" ends today where it must end
    const today =
      slot.required && !reading.act?.changes ? reading.today : undefined;
    if (!span.end)
      return span.start && today && span.start <= today ? today : undefined;
    return span.exclusive && !span.start && /before/.test(name)
      ? shifted(span.end, 1)
      : span.end;
  }
  if (end === 'start')
    return span.start && span.exclusive && !span.end && /after/.test(name)
      ? shifted(span.start, -1)
      : span.start;
  const whole =
    span.start !== span.end &&
    span.start &&
    span.end &&
    !/^(?:day|weekend)$/.test(span.grain);
  const asks =
    slot.kind === 'month' ||
    slot.required ||
    /week|month|period/.test(`${name} ${slot.description}`);
  return whole && !asks && !paired ? undefined : span.start ?? span.end;
}

function written(
  slot: Slot,
  day: string,
  end: string | undefined,
  paired: boolean,
  reading: Reading,
): string | undefined {
  if (slot.kind === 'month') {
    const bare =
      /YYYYMM\b/.test(slot.description) ||
      /\{6\}/.test(slot.schema.pattern ?? '');
    return bare ? day.slice(0, 7).replace('-', '') : day.slice(0, 7);
  }
  if (slot.kind !== 'datetime') return day;
  const clock =
    reading.clocks[end === 'end' && reading.clocks.length > 1 ? 1 : 0]?.time;
  const time = clock ?? (end === 'end' && paired ? '23:59' : undefined);
  // a moment without its time is not known
  if (!time && (!end || (!paired && reading.act?.changes))) return undefined;
  const zoned =
    slot.schema.format === 'date-time' || /Z\b|UTC|zone/.test(slot.description);
  const seconds = zoned || /:ss/i.test(slot.description) ? ':00' : '';
  return `${day}T${time ?? '00:00'}${seconds}${zoned ? 'Z' : ''}`;
}

/** Days, months and moments of a text for the slots that take them. */
export function daysFor(
  slots: Slot[],
  reading: Reading,
): { slot: Slot; value: string; at: Stretch[] }[] {
  const ends = endsOf(slots);
  const paired = new Set([...ends.values()].filter(Boolean)).size === 2;
  const { spans } = reading;
  const found: { slot: Slot; value: string; at: Stretch[] }[] = [];
  for (const slot of slots) {
    const end = ends.get(slot);
    // two days, one for each end: "check in 3 May, check out 7 May"
    const second =
      end === 'end' &&
      paired &&
      spans.length > 1 &&
      spans[0].start === spans[0].end;
    const span = spans[second ? 1 : 0];
    const day = span && dayOf(slot, span, end, paired, reading);
    const value = day && written(slot, day, end, paired, reading);
    if (!value) continue;
    const clocks = slot.kind === 'datetime' ? reading.clocks : [];
    found.push({
      slot,
      value,
      at: [span, ...clocks].map(item => ({ start: item.from, end: item.to })),
    });
  }
  return found;
}
