import { numberWord, symbolsOf, type Part, type Placed, type Unit } from './symbols';

/** A stretch of days that a text speaks of; `start` and `end` are both inside, written YYYY-MM-DD. */
export interface Span {
  /** Missing when the text only says until when. */
  start?: string;
  /** Missing when the text only says since when. */
  end?: string;
  /** True for "before 3 May" and "after 3 May": that day itself is outside, and the span is already the day next to it. */
  exclusive: boolean;
  /** The size that it was said in: "May" is a month, "last 7 days" days. */
  grain: Unit;
  /** Time of day as HH:MM, when one is said. */
  time?: string;
  endTime?: string;
  /** How many units it spans, when that is how it was said: the 7 of "last 7 days". */
  count?: number;
  from: number;
  to: number;
}

interface Found {
  start: number;
  end: number;
  grain: Unit;
  next: number;
  time?: number;
  endTime?: number;
  count?: number;
}

const DAY = 86_400_000;
const PARTS: Record<Part, [number, number]> = {
  morning: [6 * 60, 12 * 60],
  noon: [12 * 60, 12 * 60],
  afternoon: [12 * 60, 18 * 60],
  evening: [18 * 60, 23 * 60 + 59],
  night: [21 * 60, 23 * 60 + 59],
};
const PAST =
  /\b(?:did|was|were|had|made|got|came|sold|went|ran|spent|\p{L}{3,}ed|waren?|hatten?|wurden?|haben|ge\p{L}{3,}t|étai\p{L}+|avons|hubo|fueron)\b|了/iu;
const AHEAD =
  /\b(?:will|book|schedule|reserve|plan|arrange|going to|shall|buche\p{L}*|reserviere\p{L}*|plane\p{L}*)\b|预订|预约|安排/iu;

const utc = (year: number, month: number, day: number) =>
  Date.UTC(year, month, day);
const iso = (time: number) => new Date(time).toISOString().slice(0, 10);
const clock = (minutes: number) =>
  `${String(Math.floor(minutes / 60) % 24).padStart(2, '0')}:${String(
    minutes % 60,
  ).padStart(2, '0')}`;

/** A recursive descent over the symbols of one text. */
class SpanParser {
  readonly #symbols: Placed[];
  readonly #text: string;
  readonly #today: number;
  readonly #year: number;
  readonly #month: number;
  readonly #past: boolean;
  readonly #ahead: boolean;

  constructor(text: string, now: Date) {
    this.#text = text;
    this.#symbols = symbolsOf(text);
    this.#year = now.getUTCFullYear();
    this.#month = now.getUTCMonth();
    this.#today = utc(this.#year, this.#month, now.getUTCDate());
    this.#ahead = AHEAD.test(text);
    this.#past = PAST.test(text) && !this.#ahead;
  }

  spans(): Span[] {
    const found: Span[] = [];
    for (let at = 0; at < this.#symbols.length; ) {
      const span = this.#range(at);
      if (span) {
        found.push(span.span);
        at = Math.max(span.next, at + 1);
      } else at++;
    }
    return joined(found, this.#text);
  }

  #at(index: number): Placed | undefined {
    return this.#symbols[index];
  }

  #skip(index: number): number {
    let at = index;
    while (this.#at(at)?.is === 'skip') at++;
    return at;
  }

  /** Monday of the week that a day lies in. */
  #monday(day: number): number {
    return day - ((new Date(day).getUTCDay() + 6) % 7) * DAY;
  }

  #unitAround(day: number, unit: Unit): [number, number] {
    const date = new Date(day);
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
    switch (unit) {
      case 'week':
        return [this.#monday(day), this.#monday(day) + 6 * DAY];
      case 'weekend':
        return [this.#monday(day) + 5 * DAY, this.#monday(day) + 6 * DAY];
      case 'month':
        return [utc(year, month, 1), utc(year, month + 1, 0)];
      case 'quarter': {
        const first = month - (month % 3);
        return [utc(year, first, 1), utc(year, first + 3, 0)];
      }
      case 'year':
        return [utc(year, 0, 1), utc(year, 11, 31)];
      default:
        return [day, day];
    }
  }

  #plus(day: number, count: number, unit: Unit): number {
    const date = new Date(day);
    const [year, month, of] = [
      date.getUTCFullYear(),
      date.getUTCMonth(),
      date.getUTCDate(),
    ];
    const months = { month: 1, quarter: 3, year: 12 }[unit as string];
    if (months) {
      const last = new Date(utc(year, month + count * months + 1, 0));
      return utc(year, month + count * months, Math.min(of, last.getUTCDate()));
    }
    if (unit === 'hour' || unit === 'minute') return day;
    return day + count * (unit === 'day' ? 1 : 7) * DAY;
  }

  #yearFor(month: number, day = 15): number {
    const here = utc(this.#year, month, day);
    if (this.#past && here > this.#today && month !== this.#month)
      return this.#year - 1;
    if (this.#ahead && month < this.#month) return this.#year + 1;
    return this.#year;
  }

  #yearAt(index: number): { year?: number; next: number } {
    const at = this.#skip(index);
    const symbol = this.#at(at);
    if (
      symbol?.is === 'number' &&
      symbol.value >= 1900 &&
      symbol.value < 2200
    ) {
      const after = this.#at(at + 1);
      return {
        year: symbol.value,
        next: after?.is === 'unit' && after.unit === 'year' ? at + 2 : at + 1,
      };
    }
    const named = this.#at(at + 1);
    if (named?.is === 'unit' && named.unit === 'year') {
      const shift = { last: -1, this: 0, next: 1 }[symbol?.is as string];
      if (shift !== undefined)
        return { year: this.#year + shift, next: at + 2 };
    }
    return { next: index };
  }

  #day(
    year: number | undefined,
    month: number,
    day: number,
    next: number,
  ): Found {
    const time = utc(year ?? this.#yearFor(month, day), month, day);
    return { start: time, end: time, grain: 'day', next };
  }

  #whole(start: number, unit: Unit, next: number): Found {
    const [first, last] = this.#unitAround(start, unit);
    return { start: first, end: last, grain: unit, next };
  }

  /** A date written with a month: 3 May 2026, May 3rd, May 2026, 5月3日. */
  #monthly(index: number): Found | undefined {
    const first = this.#at(index);
    let [second, at] = [this.#at(index + 1), index + 1];
    if (second?.is === 'skip') {
      at = this.#skip(index + 1);
      second = this.#at(at);
    }
    if (
      first?.is === 'number' &&
      first.value >= 1 &&
      first.value <= 31 &&
      second?.is === 'month'
    ) {
      const { year, next } = this.#yearAt(at + 1);
      return this.#day(year, second.value, first.value, next);
    }
    if (first?.is === 'month') {
      const third = this.#at(at + 1);
      if (
        second?.is === 'number' &&
        second.value >= 1 &&
        second.value <= 31 &&
        third?.is !== 'unit' &&
        third?.is !== 'month'
      ) {
        const { year, next } = this.#yearAt(at + 1);
        return this.#day(year, first.value, second.value, next);
      }
      const { year, next } = this.#yearAt(index + 1);
      return this.#whole(
        utc(year ?? this.#yearFor(first.value), first.value, 1),
        'month',
        next,
      );
    }
    // 2026年5月3日, 5月3日, 5月份
    const year =
      first?.is === 'number' &&
      first.value >= 1900 &&
      second?.is === 'unit' &&
      second.unit === 'year'
        ? first.value
        : undefined;
    const from = year ? index + 2 : index;
    const [month, sign] = [this.#at(from), this.#at(from + 1)];
    if (
      month?.is === 'number' &&
      month.value <= 12 &&
      sign?.is === 'unit' &&
      sign.text === '月'
    ) {
      const [day, end] = [this.#at(from + 2), this.#at(from + 3)];
      if (day?.is === 'number' && day.value <= 31) {
        const next =
          end?.is === 'unit' && end.unit === 'day' ? from + 4 : from + 3;
        return this.#day(year, month.value - 1, day.value, next);
      }
      return this.#whole(
        utc(year ?? this.#yearFor(month.value - 1), month.value - 1, 1),
        'month',
        from + 2,
      );
    }
    return year ? this.#whole(utc(year, 0, 1), 'year', index + 2) : undefined;
  }

  /** last/this/next with a unit, a weekday, a month or a number of units. */
  #relative(index: number): Found | undefined {
    const first = this.#at(index);
    const shift = { last: -1, this: 0, next: 1 }[first?.is as string];
    let at = this.#skip(index + 1);
    let symbol = this.#at(at);
    if (shift === undefined) {
      // "the 7 last days" of French and Spanish, "semana pasada", "semaine dernière"
      const turn = { last: -1, this: 0, next: 1 }[symbol?.is as string];
      if (turn === undefined) return undefined;
      const third = this.#at(at + 1);
      if (first?.is === 'number' && third?.is === 'unit')
        return this.#several(first.value, third.unit, turn, at + 2);
      if (first?.is === 'unit' && first.text.length > 2)
        return this.#whole(
          this.#plus(this.#today, turn, first.unit),
          first.unit,
          at + 1,
        );
      if (first?.is === 'weekday')
        return this.#weekday(first.value, turn, at + 1);
      return undefined;
    }
    if (
      symbol?.is === 'other' &&
      /^(?:few|couple|paar|几)$/.test(symbol.text.toLowerCase())
    )
      return undefined;
    if (symbol?.is === 'number') {
      const unit = this.#at(this.#skip(at + 1));
      if (unit?.is === 'unit')
        return this.#several(
          symbol.value,
          unit.unit,
          shift,
          this.#skip(at + 1) + 1,
        );
      return undefined;
    }
    if (symbol?.is === 'unit') {
      if (symbol.text === '周' || symbol.text === '星期') {
        // 上周一
        const day = this.#at(at + 1);
        if (day?.is === 'number' && day.value <= 6)
          return { ...this.#inWeek(day.value, shift, at + 2) };
      }
      if (symbol.unit === 'hour' || symbol.unit === 'minute') return undefined;
      const month = symbol.unit === 'year' ? this.#monthly(at + 1) : undefined;
      if (month?.grain === 'month') {
        const of = new Date(month.start).getUTCMonth();
        return this.#whole(utc(this.#year + shift, of, 1), 'month', month.next);
      }
      return this.#whole(
        this.#plus(
          symbol.unit === 'month' || symbol.unit === 'quarter'
            ? utc(this.#year, this.#month, 1)
            : this.#today,
          shift,
          symbol.unit,
        ),
        symbol.unit,
        at + 1,
      );
    }
    if (symbol?.is === 'weekday')
      return /^[周星]/.test(symbol.text)
        ? this.#inWeek(symbol.value, shift, at + 1)
        : this.#weekday(symbol.value, shift, at + 1);
    if (symbol?.is === 'month') {
      const here = utc(this.#year, symbol.value, 1);
      let year = this.#year;
      if (shift < 0 && here >= utc(this.#year, this.#month, 1)) year--;
      if (shift > 0 && here <= this.#today) year++;
      return this.#whole(utc(year, symbol.value, 1), 'month', at + 1);
    }
    if (symbol?.is === 'part') {
      at = index + 1;
      symbol = this.#at(at);
      return {
        start: this.#today + shift * DAY,
        end: this.#today + shift * DAY,
        grain: 'day',
        next: at,
      };
    }
    return undefined;
  }

  #several(count: number, unit: Unit, shift: number, next: number): Found {
    if (shift < 0) {
      const back = this.#plus(this.#today, -count, unit);
      const start = unit === 'day' || unit === 'week' ? back + DAY : back;
      return { start, end: this.#today, grain: unit, next, count };
    }
    const ahead = this.#plus(this.#today, count, unit);
    const end = unit === 'day' || unit === 'week' ? ahead - DAY : ahead;
    return { start: this.#today, end, grain: unit, next, count };
  }

  #inWeek(weekday: number, shift: number, next: number): Found {
    const day =
      this.#monday(this.#today) + (((weekday + 6) % 7) + shift * 7) * DAY;
    return { start: day, end: day, grain: 'day', next };
  }

  #weekday(weekday: number, shift: number, next: number): Found {
    if (shift >= 0) {
      const own = this.#inWeek(weekday, shift, next);
      return own;
    }
    const back = (new Date(this.#today).getUTCDay() - weekday + 7) % 7 || 7;
    const day = this.#today - back * DAY;
    return { start: day, end: day, grain: 'day', next };
  }

  /** One point or unit of time. */
  #point(start: number, after?: string): Found | undefined {
    const index = this.#skip(start);
    const first = this.#at(index);
    if (!first) return undefined;
    const found =
      this.#relative(index) ??
      this.#monthly(index) ??
      this.#single(index, first, after);
    return found && this.#withClock(found);
  }

  #single(index: number, first: Placed, after?: string): Found | undefined {
    const second = this.#at(index + 1);
    if (
      first.is === 'unit' &&
      second?.is === 'to' &&
      this.#at(index + 2)?.text.toLowerCase() === 'date'
    )
      return {
        ...this.#whole(this.#today, first.unit, index + 3),
        end: this.#today,
      };
    switch (first.is) {
      case 'date':
        return first.day
          ? this.#day(first.year, first.month, first.day, index + 1)
          : this.#whole(utc(first.year, first.month, 1), 'month', index + 1);
      case 'day': {
        const day = this.#today + first.offset * DAY;
        const night = /tonight|晚/.test(first.text);
        return {
          start: day,
          end: day,
          grain: 'day',
          next: index + 1,
          ...(night
            ? { time: PARTS.evening[0], endTime: PARTS.evening[1] }
            : {}),
        };
      }
      case 'weekday': {
        const backwards =
          after === 'since' || (this.#past && after !== 'until');
        const ahead = (first.value - new Date(this.#today).getUTCDay() + 7) % 7;
        const day =
          this.#today + (backwards && ahead ? ahead - 7 : ahead) * DAY;
        return { start: day, end: day, grain: 'day', next: index + 1 };
      }
      case 'quarter':
      case 'half': {
        const { year, next } = this.#yearAt(index + 1);
        return this.#part(first.is, first.value, year, next);
      }
      case 'end':
      case 'begin': {
        const of = this.#point(index + 1);
        if (!of || of.grain === 'day') {
          const unit = this.#at(this.#skip(index + 1));
          if (unit?.is !== 'unit') return undefined;
          const [from, to] = this.#unitAround(this.#today, unit.unit);
          const day = first.is === 'end' ? to : from;
          return {
            start: day,
            end: day,
            grain: 'day',
            next: this.#skip(index + 1) + 1,
          };
        }
        const day = first.is === 'end' ? of.end : of.start;
        return { ...of, start: day, end: day, grain: 'day' };
      }
      case 'sofar': {
        const unit: Unit = /m/i.test(first.text) ? 'month' : 'year';
        return {
          ...this.#whole(this.#today, unit, index + 1),
          end: this.#today,
        };
      }
      case 'number':
        return this.#counted(index, first, second, after);
      case 'in':
      case 'before':
      case 'ago': {
        // in 3 days, vor 3 Tagen, hace 3 días
        const at = this.#skip(index + 1);
        const [count, unit] = [this.#at(at), this.#at(at + 1)];
        if (
          count?.is !== 'number' ||
          count.ordinal ||
          unit?.is !== 'unit' ||
          /^(?:for|within|during|pendant|durante)$/i.test(first.text)
        )
          return undefined;
        if (
          unit.unit === 'hour' ||
          unit.unit === 'minute' ||
          unit.unit === 'weekend'
        )
          return undefined;
        const day = this.#plus(
          this.#today,
          first.is === 'in' ? count.value : -count.value,
          unit.unit,
        );
        return { start: day, end: day, grain: 'day', next: at + 2 };
      }
      case 'unit': {
        if (first.unit === 'weekend')
          return this.#whole(this.#today, 'weekend', index + 1);
        // the week of 4 May
        const of =
          first.unit === 'week' && second?.is === 'skip'
            ? this.#point(index + 1)
            : undefined;
        return of?.grain === 'day'
          ? this.#whole(of.start, 'week', of.next)
          : undefined;
      }
      default:
        return undefined;
    }
  }

  #part(
    is: 'quarter' | 'half',
    value: number,
    year = this.#year,
    next = 0,
  ): Found {
    const size = is === 'quarter' ? 3 : 6;
    return {
      start: utc(year, (value - 1) * size, 1),
      end: utc(year, value * size, 0),
      grain: is === 'quarter' ? 'quarter' : 'month',
      next,
    };
  }

  #counted(
    index: number,
    first: Placed & { value?: number },
    second: Placed | undefined,
    after?: string,
  ): Found | undefined {
    if (first.is !== 'number') return undefined;
    const { value, ordinal } = first;
    if (
      second?.is === 'unit' &&
      second.unit === 'quarter' &&
      (ordinal || value <= 4)
    ) {
      if (!ordinal) return undefined;
      const { year, next } = this.#yearAt(index + 2);
      return this.#part('quarter', value, year, next);
    }
    if (ordinal && second?.text.toLowerCase() === 'half') {
      const { year, next } = this.#yearAt(index + 2);
      return this.#part('half', value, year, next);
    }
    if (second?.is === 'unit' && this.#at(index + 2)?.is === 'ago') {
      const day = this.#plus(this.#today, -value, second.unit);
      return { start: day, end: day, grain: 'day', next: index + 3 };
    }
    const before = this.#at(index - 1);
    if (
      value >= 1990 &&
      value < 2100 &&
      (after ||
        (before &&
          /^(?:in|from|during|year|jahr|since|for|of|im|en|année|año)$/i.test(
            before.text,
          )))
    )
      return this.#whole(utc(value, 0, 1), 'year', index + 1);
    // "on the 24th", "am 24."
    if (
      ordinal &&
      value >= 4 &&
      value <= 31 &&
      before?.is === 'skip' &&
      second?.is !== 'unit'
    ) {
      let month = this.#month;
      const passed = utc(this.#year, month, value) < this.#today;
      if (passed && this.#ahead) month++;
      if (!passed && this.#past) month--;
      return this.#day(this.#year, month, value, index + 1);
    }
    return undefined;
  }

  /** A part of the day or a time of day after a day. */
  #withClock(found: Found): Found {
    let at = this.#skip(found.next);
    let result = found;
    if (this.#at(at)?.is === 'part') {
      const [from, to] = PARTS[(this.#at(at) as { value: Part }).value];
      result = { ...result, time: from, endTime: to, next: at + 1 };
      at = this.#skip(at + 1);
    }
    const time = this.#clockAt(at);
    return time && result.grain === 'day'
      ? {
          ...result,
          time: time.minutes,
          endTime: time.minutes,
          next: time.next,
        }
      : result;
  }

  #clockAt(index: number): { minutes: number; next: number } | undefined {
    const first = this.#at(index);
    if (first?.is === 'clock') {
      const half = this.#at(index + 1);
      if (half?.is === 'pm' && first.minutes < 720)
        return { minutes: first.minutes + 720, next: index + 2 };
      return {
        minutes: first.minutes,
        next: half?.is === 'hours' || half?.is === 'am' ? index + 2 : index + 1,
      };
    }
    const noon = first?.is === 'part' && first.value === 'noon';
    if (noon) return { minutes: 720, next: index + 1 };
    // 下午3点半
    const half = first?.is === 'pm' ? 720 : 0;
    const from = first?.is === 'pm' || first?.is === 'am' ? index + 1 : index;
    const [hour, sign, rest] = [
      this.#at(from),
      this.#at(from + 1),
      this.#at(from + 2),
    ];
    if (hour?.is !== 'number' || hour.value > 24) return undefined;
    if (sign?.is === 'hours') {
      const minutes =
        (hour.value % 12) * 60 + (half || hour.value < 12 ? half : 720);
      if (rest?.is === 'hours')
        return { minutes: minutes + rest.value, next: from + 3 };
      if (rest?.is === 'number' && rest.value < 60)
        return { minutes: minutes + rest.value, next: from + 3 };
      return { minutes, next: from + 2 };
    }
    if (
      ((sign?.is === 'am' || sign?.is === 'pm') &&
        /[ap]\.?m/i.test(sign.text)) ||
      (sign?.is === 'skip' &&
        sign.text.toLowerCase() === 'am' &&
        /^\d+$/.test(hour.text))
    )
      return {
        minutes: (hour.value % 12) * 60 + (sign.is === 'pm' ? 720 : 0),
        next: from + 2,
      };
    const said = this.#at(index - 1)?.text.toLowerCase();
    return said === 'at' || said === "o'clock" || said === 'um'
      ? { minutes: hour.value * 60, next: from + 1 }
      : undefined;
  }

  #range(index: number): { span: Span; next: number } | undefined {
    const first = this.#at(index)!;
    const make = (from: number, to: Found, parts: Partial<Span>) => ({
      span: {
        exclusive: false,
        grain: to.grain,
        ...(to.time === undefined ? {} : { time: clock(to.time) }),
        ...(to.endTime === undefined ? {} : { endTime: clock(to.endTime) }),
        ...(to.count === undefined ? {} : { count: to.count }),
        from: this.#at(from)!.start,
        to: this.#at(to.next - 1)!.end,
        ...parts,
      },
      next: to.next,
    });
    const both = (from: number, a: Found, given: Found) => {
      // from December 28 until January 2: the year turns between them
      const b =
        given.end < a.start && a.start - given.end > 14 * DAY
          ? { ...given, end: this.#plus(given.end, 1, 'year') }
          : given;
      return make(from, b, {
        start: iso(Math.min(a.start, b.end)),
        end: iso(Math.max(a.start, b.end)),
        grain: 'day',
        ...(a.time === undefined ? {} : { time: clock(a.time) }),
      });
    };
    const leads =
      first.is === 'from' ||
      first.is === 'since' ||
      first.is === 'between' ||
      (first.is === 'skip' && first.text === 'du');
    const at = leads ? index + 1 : index;
    // 3 to 7 May, 3.-7. Mai: the month stands only once
    const begin = this.#skip(at);
    const [day, joint] = [this.#at(begin), this.#at(begin + 1)];
    if (
      day?.is === 'number' &&
      (joint?.is === 'to' || joint?.is === 'and' || joint?.is === 'until')
    ) {
      const end = this.#point(begin + 2);
      if (
        end?.grain === 'day' &&
        day.value >= 1 &&
        day.value <= 31 &&
        this.#at(this.#skip(begin + 2))?.is === 'number'
      ) {
        const date = new Date(end.start);
        const start = utc(date.getUTCFullYear(), date.getUTCMonth(), day.value);
        return both(index, { ...end, start }, end);
      }
    }
    if (first.is === 'until' || first.is === 'before' || first.is === 'after') {
      const point = this.#point(
        index + 1,
        first.is === 'after' ? 'since' : 'until',
      );
      // "vor 3 Tagen" says how long ago
      const ago = first.is === 'before' ? this.#point(index) : undefined;
      if (ago)
        return make(index, ago, { start: iso(ago.start), end: iso(ago.end) });
      if (!point) return undefined;
      if (first.is === 'until')
        return make(index, point, { end: iso(point.end) });
      return first.is === 'before'
        ? make(index, point, { end: iso(point.start - DAY), exclusive: true })
        : make(index, point, { start: iso(point.end + DAY), exclusive: true });
    }
    const point = this.#point(at, first.is === 'since' ? 'since' : undefined);
    if (!point) return undefined;
    const next = this.#skip(point.next);
    const link = this.#at(next)?.is;
    const linked =
      link === 'to' ||
      link === 'until' ||
      (link === 'and' && first.is === 'between');
    if (linked) {
      const end = this.#point(next + 1, 'until');
      // from Friday to Monday: the Monday after
      const week =
        end && end.end < point.start && point.start - end.end < 7 * DAY;
      if (end)
        return both(
          index,
          point,
          week ? { ...end, end: end.end + 7 * DAY } : end,
        );
    }
    const trailing = this.#at(point.next);
    if (
      trailing?.is === 'sofar' ||
      (trailing?.is === 'since' && trailing.text !== 'since')
    )
      return make(
        index,
        { ...point, next: point.next + 1 },
        { start: iso(point.start) },
      );
    if (trailing?.is === 'before' && /^[之以]/.test(trailing.text))
      return make(
        index,
        { ...point, next: point.next + 1 },
        { end: iso(point.start - DAY), exclusive: true },
      );
    if (
      first.is === 'since' ||
      (first.is === 'from' && trailing?.text.toLowerCase() === 'on')
    )
      return make(index, point, { start: iso(point.start) });
    return make(index, point, { start: iso(point.start), end: iso(point.end) });
  }
}

/** "Friday, 3 May" and "3 May at 14:00" are one. */
function joined(spans: Span[], text: string): Span[] {
  const result: Span[] = [];
  for (const span of spans) {
    const before = result.at(-1);
    const gap = before ? text.slice(before.to, span.from) : '';
    if (
      before &&
      /^[\s,(]*(?:the |den |dem )?$/.test(gap) &&
      before.start === span.start &&
      before.end === span.end
    )
      result[result.length - 1] = {
        ...span,
        ...before,
        ...(span.time ? { time: span.time } : {}),
        to: span.to,
      };
    else result.push(span);
  }
  return result;
}

const CLOCK =
  /(?<![\d:.])(\d{1,2}):(\d{2})(?![\d:])|(?<![\d.:])(\d{1,2})\s?(am|pm|uhr|o'clock)\b|(上午|下午|晚上|早上)?([\d一二三四五六七八九十两]{1,2})点(半)?|\b(half past|quarter past|quarter to|halb|viertel nach|viertel vor)\s+(\p{L}+|\d{1,2})\b|\b(noon|midday|mittags?)\b/giu;
const AFTERNOON = /\b(?:pm|afternoon|evening|nachmittags?|abends?|tarde|soir)\b|下午|晚上/iu;
const PAST_HOUR: Record<string, number> = {
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
    const said = match[1] ?? match[3] ?? match[6] ?? match[9];
    let hour = match[10] ? 12 : Number(said);
    if (Number.isNaN(hour)) hour = numberWord(said.toLowerCase()) ?? NaN;
    let minutes = Number(match[2] ?? (match[7] ? 30 : 0));
    if (match[8]) minutes = PAST_HOUR[match[8].toLowerCase()];
    const tail = text.slice(match.index, match.index + match[0].length + 24);
    const marked = /[ap]m/i.test(match[4] ?? '');
    if (marked) hour %= 12;
    const later = marked
      ? /pm/i.test(match[4])
      : !/uhr/i.test(match[4] ?? '') && AFTERNOON.test(tail);
    if (later && hour < 12) hour += 12;
    const total = hour * 60 + minutes;
    return total >= 0 && total < 1440
      ? [
          {
            time: clock(total),
            from: match.index,
            to: match.index + match[0].length,
          },
        ]
      : [];
  });
}

/** The stretches of time that a text speaks of. Weeks begin on Monday, days are those of UTC. */
export function spansIn(text: string, now: Date): Span[] {
  return new SpanParser(text, now).spans();
}
