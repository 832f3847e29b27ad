import { numberWord, timeWords, type TimeWord } from './words';

/** The size that a span was said in. */
export type Grain = 'day' | 'week' | 'month' | 'quarter' | 'year' | 'weekend';

/** A stretch of days that a text speaks of; `start` and `end` are both inside, written YYYY-MM-DD. */
export interface Span {
  /** Missing when the text only says until when. */
  start?: string;
  /** Missing when the text only says since when. */
  end?: string;
  /** True for "before 3 May" and "after 3 May": that day itself is outside, and the span is already the day next to it. */
  exclusive: boolean;
  /** "May" is a month, "last 7 days" days. */
  grain: Grain;
  from: number;
  to: number;
}

interface Found {
  start: number;
  end: number;
  grain: Grain;
  /** The word after it. */
  next: number;
}

const DAY = 86_400_000;
const GRAINS: Grain[] = ['day', 'week', 'month', 'quarter', 'year', 'weekend'];
const SHIFT: Record<string, number> = { L: -1, S: 0, X: 1 };
/** How many units "last" and "next" are away; "vorletzte" and 下下 are two. */
const shiftOf = ({ letter, value }: TimeWord) => SHIFT[letter] * (value || 1);
const PAST =
  /\b(?:did|(?<!^\s*)was|^was (?=the|it|that|this|my|our|s?he|any)|were|had|made|got|came|sold|went|ran|spent|\p{L}{3,}ed|waren?|hatten?|wurden?|haben|ge\p{L}{3,}t|avons|hubo|fueron)\b|了/iu;
const AHEAD =
  /\b(?:will|book|schedule|reserve|plan|arrange|going to|shall|buche\p{L}*|reserviere\p{L}*|plane\p{L}*)\b|预订|预约|安排/iu;
const utc = Date.UTC;
const iso = (time: number) => new Date(time).toISOString().slice(0, 10);
const clock = (minutes: number) =>
  new Date(minutes * 60_000).toISOString().slice(11, 16);

/** Reads the words of one text; patterns are tried at each word, the first that fits counts. */
class SpanReader {
  readonly #words: TimeWord[];
  readonly #letters: string;
  readonly #text: string;
  readonly #today: number;
  readonly #year: number;
  readonly #month: number;
  readonly #past: boolean;
  readonly #ahead: boolean;

  constructor(text: string, now: Date) {
    this.#text = text;
    this.#words = timeWords(text);
    this.#letters = this.#words.map(word => word.letter).join('');
    [this.#year, this.#month] = [now.getUTCFullYear(), now.getUTCMonth()];
    this.#today = utc(this.#year, this.#month, now.getUTCDate());
    this.#ahead = AHEAD.test(text);
    this.#past = PAST.test(text) && !this.#ahead;
  }

  spans(): Span[] {
    const spans: Span[] = [];
    for (let at = 0; at < this.#words.length; ) {
      const found = this.#letters[at] === '.' ? undefined : this.#range(at);
      if (found) spans.push(found.span);
      at = found ? Math.max(found.next, at + 1) : at + 1;
    }
    // "Friday, 3 May" is one day said twice
    return spans.filter((span, index) => {
      const before = spans[index - 1];
      const same =
        before &&
        before.start === span.start &&
        before.end === span.end &&
        /^[\s,(]*$/.test(this.#text.slice(before.to, span.from));
      if (same) Object.assign(before, { ...span, from: before.from });
      return !same;
    });
  }

  /** Matches a pattern at a word; gives the words of its groups and where it ends. */
  #match(pattern: RegExp, at: number) {
    pattern.lastIndex = at;
    const match = pattern.exec(this.#letters);
    const places = match?.indices;
    return (
      match && {
        groups: (places ?? [])
          .slice(1)
          .map(place => place && this.#words[place[0]]),
        next: at + match[0].length,
      }
    );
  }

  /** Whole units round a day: the week, month, quarter or year that it lies in. Weeks begin on Monday. */
  #around(day: number, unit: number, next: number): Found {
    const date = new Date(day);
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
    const monday = day - ((date.getUTCDay() + 6) % 7) * DAY;
    const first = month - (month % 3);
    const [start, end] = [
      [day, day],
      [monday, monday + 6 * DAY],
      [utc(year, month, 1), utc(year, month + 1, 0)],
      [utc(year, first, 1), utc(year, first + 3, 0)],
      [utc(year, 0, 1), utc(year, 11, 31)],
      [monday + 5 * DAY, monday + 6 * DAY],
    ][unit];
    return { start, end, grain: GRAINS[unit], next };
  }

  #plus(day: number, count: number, unit: number): number {
    const months = [0, 0, 1, 3, 12, 0][unit] * count;
    if (!months) return day + count * (unit === 0 ? 1 : 7) * DAY;
    const date = new Date(day);
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + months];
    const last = new Date(utc(year, month + 1, 0)).getUTCDate();
    return utc(year, month, Math.min(date.getUTCDate(), last));
  }

  /** The year of a month that is said without one: the one that the tense makes likely. */
  #yearOf(
    month: number,
    day: number,
    said?: TimeWord,
    shift?: TimeWord,
  ): number {
    if (said) return said.value;
    if (shift) return this.#year + shiftOf(shift);
    if (
      this.#past &&
      utc(this.#year, month, day) > this.#today &&
      month !== this.#month
    )
      return this.#year - 1;
    return this.#ahead && month < this.#month ? this.#year + 1 : this.#year;
  }

  #day(start: number, next: number): Found {
    return { start, end: start, grain: 'day', next };
  }

  /** The days of several units up to today, or from today on. */
  #several(count: number, unit: number, back: boolean, next: number): Found {
    const edge = this.#plus(this.#today, back ? -count : count, unit);
    const inside = unit < 2 ? DAY : 0;
    return {
      start: back ? edge + inside : this.#today,
      end: back ? this.#today : edge - inside,
      grain: GRAINS[unit],
      next,
    };
  }

  /** A weekday: of the week before or after when the words say so, else the nearest that the tense makes likely. */
  #weekday(
    day: TimeWord,
    shift: TimeWord | undefined,
    since: boolean,
    next: number,
  ): Found {
    const own = (new Date(this.#today).getUTCDay() - day.value + 7) % 7;
    const inWeek =
      this.#around(this.#today, 1, next).start + ((day.value + 6) % 7) * DAY;
    const far = shift && shiftOf(shift);
    if (shift?.letter === 'L' && !/^[周星]/.test(day.text))
      return this.#day(this.#today - ((own || 7) - 7 * (far! + 1)) * DAY, next);
    if (far !== undefined) return this.#day(inWeek + far * 7 * DAY, next);
    return this.#day(
      this.#today + (since || this.#past ? -own : (7 - own) % 7) * DAY,
      next,
    );
  }

  /** One point or unit of time. */
  #point(from: number, since = false): Found | undefined {
    let at = from;
    while (this.#letters[at] === '_') at++;
    const today = this.#today;
    // "Friday the 23rd of October": the date says which
    at = this.#match(/D_*(?=[NO]_*M|M_*[NO])/dy, at)?.next ?? at;
    let hit =
      this.#match(/([LSX])_?(N)_?([UAo])/dy, at) ??
      this.#match(/(?=N_?(L))(N)_?L_?([UAo])/dy, at);
    if (hit) {
      const [shift, count, unit] = hit.groups;
      return this.#several(
        count!.value,
        unit!.value,
        shift!.letter === 'L',
        hit.next,
      );
    }
    hit =
      this.#match(/([LSX])_?([UAoG])/dy, at) ??
      this.#match(/(?=[UA]([LX]))([UA])[LX]/dy, at);
    if (hit) {
      const [shift, unit] = hit.groups;
      const base =
        unit!.value === 2 || unit!.value === 3
          ? utc(this.#year, this.#month, 1)
          : today;
      return this.#around(
        this.#plus(base, shiftOf(shift!), unit!.value),
        unit!.value,
        hit.next,
      );
    }
    // "the week before last", "the month after next"
    hit = this.#match(/([UA])(?:b(L)|f(X))(?!_?[DM])/dy, at);
    if (hit) {
      const [{ value: unit }, last] = [hit.groups[0]!, hit.groups[1]];
      const base = unit > 1 ? utc(this.#year, this.#month, 1) : today;
      return this.#around(
        this.#plus(base, last ? -2 : 2, unit),
        unit,
        hit.next,
      );
    }
    hit = this.#match(/([LSX])?_?(D)([LX])?/dy, at);
    if (hit)
      return this.#weekday(
        hit.groups[1]!,
        hit.groups[0] ?? hit.groups[2],
        since,
        hit.next,
      );
    hit = this.#match(/([LS])(?=P)/dy, at);
    if (hit)
      return this.#day(today + SHIFT[hit.groups[0]!.letter] * DAY, hit.next);
    hit =
      this.#match(/([NO])_?(M)(?:_?(Y)A?|_?([LSX])A)?/dy, at) ??
      this.#match(
        /(?=M_?([NO]))(M)_?[NO](?![UAMoh])(?:_?(Y)A?|_?([LSX])A)?/dy,
        at,
      );
    if (hit && hit.groups[0]!.value >= 1 && hit.groups[0]!.value <= 31) {
      const [day, month, year, shift] = hit.groups;
      return this.#day(
        utc(
          this.#yearOf(month!.value, day!.value, year, shift),
          month!.value,
          day!.value,
        ),
        hit.next,
      );
    }
    hit = this.#match(/(M)(?:_?(Y)A?|_?([LSX])A)?/dy, at);
    if (hit) {
      const [month, year, shift] = hit.groups;
      return this.#around(
        utc(this.#yearOf(month!.value, 1, year, shift), month!.value, 1),
        2,
        hit.next,
      );
    }
    hit = this.#match(/(?:(Y)A)?(N)o(?:(N)U?)?/dy, at);
    if (hit && hit.groups[1]!.value <= 12) {
      const [year, month, day] = hit.groups;
      const start = utc(
        this.#yearOf(month!.value - 1, day?.value ?? 1, year),
        month!.value - 1,
        day?.value ?? 1,
      );
      if (day) return this.#day(start, hit.next);
      const whole = this.#around(start, 2, hit.next);
      const edge = { E: whole.end, B: whole.start }[this.#letters[hit.next]];
      return edge ? this.#day(edge, hit.next + 1) : whole;
    }
    hit = this.#match(/(?:(Q)|(F)|(O)_?(?:K|U))_?(?:(Y)|([LSX])A)?/dy, at);
    if (hit && (!hit.groups[2] || this.#isPart(at))) {
      const [quarter, half, place, said, shift] = hit.groups;
      const size =
        quarter || (place && !this.#letters.slice(at, hit.next).includes('K'))
          ? 3
          : 6;
      const year = said?.value ?? this.#year + (shift ? shiftOf(shift) : 0);
      const part = (quarter ?? half ?? place)!.value;
      return {
        start: utc(year, (part - 1) * size, 1),
        end: utc(year, part * size, 0),
        grain: size === 3 ? 'quarter' : 'month',
        next: hit.next,
      };
    }
    hit =
      this.#match(/(?:g|i|b)_?(N)([UAo])/dy, at) ??
      this.#match(/(N)([UAo])g/dy, at);
    if (hit) {
      const [count, unit] = hit.groups;
      return this.#day(
        this.#plus(
          today,
          this.#letters[at] === 'i' ? count!.value : -count!.value,
          unit!.value,
        ),
        hit.next,
      );
    }
    return this.#rare(at);
  }

  /** True for "third quarter" and "first half", not for "second day". */
  #isPart(at: number): boolean {
    const unit = this.#words[this.#letters[at + 1] === '_' ? at + 2 : at + 1];
    return unit.letter === 'K' || unit.value === 3;
  }

  #rare(at: number): Found | undefined {
    const word = this.#words[at];
    const previous = this.#letters[at - 1] ?? '';
    switch (word?.letter) {
      case 'I':
        return this.#day(word.value, at + 1);
      case 'J':
        return this.#around(word.value, 2, at + 1);
      case 'T': {
        const evening = /tonight|晚/.test(word.text)
          ? { time: 18 * 60, endTime: 1439 }
          : {};
        return {
          ...this.#day(this.#today + word.value * DAY, at + 1),
          ...evening,
        };
      }
      case 'E':
      case 'B': {
        const unit = this.#match(/[EB]_*([UAo])/dy, at);
        const of = unit
          ? this.#around(this.#today, unit.groups[0]!.value, unit.next)
          : this.#point(at + 1);
        return of && of.grain !== 'day'
          ? this.#day(word.letter === 'E' ? of.end : of.start, of.next)
          : undefined;
      }
      case 'z':
        return {
          ...this.#around(this.#today, /m/i.test(word.text) ? 2 : 4, at + 1),
          end: this.#today,
        };
      case 'G':
        return this.#around(this.#today, 5, at + 1);
      case 'U':
      case 'A': {
        const toDate =
          this.#letters[at + 1] === 't' &&
          this.#words[at + 2]?.text.toLowerCase() === 'date';
        if (toDate)
          return {
            ...this.#around(this.#today, word.value, at + 3),
            end: this.#today,
          };
        const of =
          word.value === 1 && this.#letters[at + 1] === '_'
            ? this.#point(at + 1)
            : undefined;
        return of?.grain === 'day'
          ? this.#around(of.start, 1, of.next)
          : undefined;
      }
      case 'Y':
        return this.#letters[at + 1] === 'A' ||
          (/[ijrsvbf_A]/.test(previous) && previous)
          ? this.#around(
              utc(word.value, 0, 1),
              4,
              at + (this.#letters[at + 1] === 'A' ? 2 : 1),
            )
          : undefined;
      case 'O': {
        // "on the 24th", "am 24."
        if (
          word.value < 4 ||
          word.value > 31 ||
          previous !== '_' ||
          /[UAMo]/.test(this.#letters[at + 1] ?? '')
        )
          return undefined;
        const passed = utc(this.#year, this.#month, word.value) < this.#today;
        const shift =
          Number(passed && this.#ahead) - Number(!passed && this.#past);
        return this.#day(
          utc(this.#year, this.#month + shift, word.value),
          at + 1,
        );
      }
      default:
        return undefined;
    }
  }

  #range(at: number): { span: Span; next: number } | undefined {
    const first = this.#letters[at];
    const make = (found: Found, bounds: Partial<Span>) => ({
      span: {
        exclusive: false,
        grain: found.grain,
        from: this.#words[at].start,
        to: this.#words[found.next - 1].end,
        ...bounds,
      },
      next: found.next,
    });
    const both = (a: Found, given: Found) => {
      // the year, or the week, turns between the two
      const gap = a.start - given.end;
      const late =
        gap > 14 * DAY ? this.#plus(given.end, 1, 4) : given.end + 7 * DAY;
      const end = gap > 0 ? late : given.end;
      return make(
        { ...given, grain: 'day' },
        { start: iso(a.start), end: iso(end) },
      );
    };
    // 3 to 7 May, 3.-7. Mai: the month stands only once
    const short = this.#match(/[rsw_]*([NO])_?[t&v]_?(?=[NO])/dy, at);
    const close = short && this.#point(short.next);
    if (close?.grain === 'day') {
      const date = new Date(close.start);
      return both(
        {
          ...close,
          start: utc(
            date.getUTCFullYear(),
            date.getUTCMonth(),
            short!.groups[0]!.value,
          ),
        },
        close,
      );
    }
    if (first === 'v' || first === 'b' || first === 'f') {
      const ago = first === 'b' ? this.#point(at) : undefined;
      if (ago) return make(ago, { start: iso(ago.start), end: iso(ago.end) });
      const point = this.#point(at + 1, first === 'f');
      if (!point) return undefined;
      if (first === 'v') return make(point, { end: iso(point.end) });
      return make(
        point,
        first === 'b'
          ? { end: iso(point.start - DAY), exclusive: true }
          : { start: iso(point.end + DAY), exclusive: true },
      );
    }
    const point = this.#point(/[rsw]/.test(first) ? at + 1 : at, first === 's');
    if (!point) return undefined;
    const link = this.#match(
      first === 'w' ? /_?[tv&]/dy : /_?[tv]/dy,
      point.next,
    );
    const end = link && this.#point(link.next);
    if (end) return both(point, end);
    const trailing = this.#words[point.next];
    const after = { ...point, next: point.next + 1 };
    if (trailing && /^(?:以来|至今|开始|起)$/.test(trailing.text))
      return make(after, { start: iso(point.start) });
    if (trailing?.letter === 'b' && /^[之以]/.test(trailing.text))
      return make(after, { end: iso(point.start - DAY), exclusive: true });
    const open =
      first === 's' || (first === 'r' && trailing?.text.toLowerCase() === 'on');
    return make(point, {
      start: iso(point.start),
      ...(open ? {} : { end: iso(point.end) }),
    });
  }
}

const CLOCK =
  /(?<![\d:.])(\d{1,2}):(\d{2})(?![\d:])|(?<![\d.:])(\d{1,2})\s?(am|pm|uhr|o'clock)\b|(上午|下午|晚上|早上)?([\d一二三四五六七八九十两]{1,2})点(半)?|\b(half past|quarter past|quarter to|halb|viertel nach|viertel vor)\s+(\p{L}+|\d{1,2})\b|\b(noon|midday|mittags?)\b|(?<![\d.:])\b(\d{1,2})(?=\s+in the (?:morning|afternoon|evening)\b)/giu;
const AFTERNOON =
  /\b(?:pm|afternoon|evening|nachmittags?|abends?|tarde|soir)\b|下午|晚上/iu;
const PARTS: Record<string, number> = {
  'half past': 30,
  'quarter past': 15,
  'quarter to': -15,
  halb: -30,
  'viertel nach': 15,
  'viertel vor': -15,
};

/** Times of day in a text, with or without a day. */
export function clocksIn(
  text: string,
): { time: string; from: number; to: number }[] {
  return [...text.matchAll(CLOCK)].flatMap(match => {
    const [
      whole,
      h24,
      min24,
      h12,
      mark = '',
      ,
      hanHour,
      hanHalf,
      part,
      spoken,
      noon,
      bare,
    ] = match;
    const said = h24 ?? h12 ?? hanHour ?? spoken ?? bare;
    let hour = noon ? 12 : Number(said);
    if (Number.isNaN(hour)) hour = numberWord(said.toLowerCase()) ?? NaN;
    const minutes = part
      ? PARTS[part.toLowerCase()]
      : Number(min24 ?? (hanHalf ? 30 : 0));
    const marked = /[ap]m/i.test(mark);
    if (marked) hour %= 12;
    const tail = text.slice(match.index, match.index + whole.length + 24);
    const later = marked
      ? /pm/i.test(mark)
      : !/uhr/i.test(mark) && AFTERNOON.test(tail);
    const total = (later && hour < 12 ? hour + 12 : hour) * 60 + minutes;
    return total >= 0 && total < 1440
      ? [
          {
            time: clock(total),
            from: match.index,
            to: match.index + whole.length,
          },
        ]
      : [];
  });
}

/** The stretches of time that a text speaks of. Weeks begin on Monday, days are those of UTC. */
export function spansIn(text: string, now: Date): Span[] {
  return new SpanReader(text, now).spans();
}
