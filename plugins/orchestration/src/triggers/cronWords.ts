import type { OrchestrationTranslation } from '../translation';

/** As cron says them. */
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');

/** The numbers that a field names one by one or as ranges; nothing when it says something else. */
function numbersIn(
  field: string,
  names: readonly string[] = [],
  first = 0,
): number[] | undefined {
  const numbers: number[] = [];
  for (const part of field.split(',')) {
    const [from, to = from] = part.split('-').map(text => {
      const named = names.indexOf(text.toLowerCase());
      return named < 0
        ? Number(/^\d+$/.test(text) ? text : NaN)
        : named + first;
    });
    if (!(from <= to)) {
      return undefined;
    }
    for (let number = from; number <= to; number += 1) {
      numbers.push(number);
    }
  }
  return numbers;
}

/** Says schedules in the language of who reads. */
class CronWords {
  readonly #t: OrchestrationTranslation;
  readonly #locale: string;

  constructor(t: OrchestrationTranslation) {
    this.#t = t;
    this.#locale = t('time.locale');
  }

  capital(words: string): string {
    return words.charAt(0).toLocaleUpperCase(this.#locale) + words.slice(1);
  }

  listed(words: string[]): string {
    return new Intl.ListFormat(this.#locale).format(words);
  }

  /** A day of the year 2023, which began on a Sunday. */
  #dateName(
    options: Intl.DateTimeFormatOptions,
    month: number,
    day: number,
  ): string {
    return new Intl.DateTimeFormat(this.#locale, {
      ...options,
      timeZone: 'UTC',
    }).format(Date.UTC(2023, month, day));
  }

  weekday(number: number): string {
    return this.#dateName({ weekday: 'long' }, 0, 1 + number);
  }

  month(number: number): string {
    return this.#dateName({ month: 'long' }, number - 1, 1);
  }

  ordinal(day: number): string {
    const rule = new Intl.PluralRules(this.#locale, {
      type: 'ordinal',
    }).select(day);
    const known = (['one', 'two', 'few'] as const).find(each => each === rule);
    return this.#t(`cron.ordinals.${known ?? 'other'}`, { day: String(day) });
  }

  everyOf(field: string, unit: 'Minute' | 'Hour'): string | undefined {
    const [, step = field === '*' ? '1' : undefined] =
      /^\*\/([1-9]\d?)$/.exec(field) ?? [];
    if (!step) {
      return undefined;
    }
    return step === '1'
      ? this.#t(`cron.every${unit}`)
      : this.#t(`cron.every${unit}s`, { number: step });
  }

  /** The times of a day, and whether these are said before the days. */
  timesOf(
    minute: string,
    hour: string,
  ): { times: string; isFirst: boolean } | undefined {
    const minutes = numbersIn(minute);
    const hours = numbersIn(hour);
    const often = (times: string | undefined) =>
      times ? { times, isFirst: true } : undefined;
    if (minutes?.length !== 1) {
      return hour === '*' ? often(this.everyOf(minute, 'Minute')) : undefined;
    }
    const past = String(minutes[0]).padStart(2, '0');
    if (hours && hours.length <= 4) {
      const times = hours.map(
        each => `${String(each).padStart(2, '0')}:${past}`,
      );
      return {
        times: this.#t('cron.at', { times: this.listed(times) }),
        isFirst: false,
      };
    }
    const every = this.everyOf(hour, 'Hour');
    return often(every && this.#t('cron.past', { hours: every, minute: past }));
  }

  /** The days, and whether these are all that there are. */
  daysOf(
    day: string,
    month: string,
    weekday: string,
  ): { days: string; isEvery: boolean } | undefined {
    const months = month === '*' ? undefined : numbersIn(month, MONTHS, 1);
    if (month !== '*' && !months?.every(each => each >= 1 && each <= 12)) {
      return undefined;
    }
    const within = (days: string) =>
      months
        ? this.#t('cron.of', {
            days,
            months: this.listed(months.map(each => this.month(each))),
          })
        : days;
    if (day !== '*') {
      const numbers = numbersIn(day);
      // With both, cron means either of them, which no short sentence says.
      if (!numbers || weekday !== '*') {
        return undefined;
      }
      const days = this.#t('cron.on', {
        days: this.listed(numbers.map(each => this.ordinal(each))),
      });
      return {
        days: months ? within(days) : this.#t('cron.ofEveryMonth', { days }),
        isEvery: false,
      };
    }
    const weekdays =
      weekday === '*' ? undefined : numbersIn(weekday, DAYS)?.map(n => n % 7);
    if (weekday !== '*' && !weekdays) {
      return undefined;
    }
    const key = weekdays?.toSorted((a, b) => a - b).join('');
    if (key === undefined || key === '0123456') {
      return { days: within(this.#t('cron.everyDay')), isEvery: !months };
    }
    const days =
      key === '12345'
        ? this.#t('cron.everyWeekday')
        : this.#t('cron.everyNamed', {
            days: this.listed(weekdays!.map(each => this.weekday(each))),
          });
    return { days: within(days), isEvery: false };
  }

  whole(
    { days, isEvery }: { days: string; isEvery: boolean },
    { times, isFirst }: { times: string; isFirst: boolean },
  ): string {
    if (isFirst && isEvery) {
      return times;
    }
    return this.#t(isFirst ? 'cron.timesFirst' : 'cron.daysFirst', {
      days,
      times,
    });
  }
}

/**
 * When a schedule of five fields is due, as one would say it: `Every weekday at 07:00`.
 *
 * @returns nothing for what has no short sentence
 */
export function cronInWords(
  cron: string,
  t: OrchestrationTranslation,
): string | undefined {
  const fields = cron.trim().split(/\s+/);
  if (fields.length !== 5) {
    return undefined;
  }
  const [minute, hour, day, month, weekday] = fields;
  const words = new CronWords(t);
  const days = words.daysOf(day, month, weekday);
  const times = words.timesOf(minute, hour);
  return days && times ? words.capital(words.whole(days, times)) : undefined;
}
