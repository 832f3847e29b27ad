const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(
  ' ',
);
const MONTHS =
  'January February March April May June July August September October November December'.split(
    ' ',
  );

/** The numbers that a field names one by one or as ranges; nothing when it says something else. */
function numbersIn(
  field: string,
  names: readonly string[] = [],
  first = 0,
): number[] | undefined {
  const numbers: number[] = [];
  for (const part of field.split(',')) {
    const [from, to = from] = part.split('-').map(text => {
      const named = names.findIndex(
        name => name.slice(0, 3).toLowerCase() === text.toLowerCase(),
      );
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

function listed(words: string[]): string {
  return words.length < 2
    ? words.join('')
    : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

function ordinal(day: number): string {
  const tens = Math.floor((day % 100) / 10);
  const ending = tens === 1 ? undefined : ['st', 'nd', 'rd'][(day % 10) - 1];
  return `${day}${ending ?? 'th'}`;
}

function everyOf(field: string, unit: string): string | undefined {
  if (field === '*') {
    return `every ${unit}`;
  }
  const [, step] = /^\*\/([1-9]\d?)$/.exec(field) ?? [];
  if (!step) {
    return undefined;
  }
  return step === '1' ? `every ${unit}` : `every ${step} ${unit}s`;
}

/** The times of a day, after words such as "every day". */
function timesOf(minute: string, hour: string): string | undefined {
  const minutes = numbersIn(minute);
  const hours = numbersIn(hour);
  if (minutes?.length === 1) {
    const past = String(minutes[0]).padStart(2, '0');
    if (hours && hours.length <= 4) {
      return `at ${listed(
        hours.map(each => `${String(each).padStart(2, '0')}:${past}`),
      )}`;
    }
    const every = everyOf(hour, 'hour');
    return every && `${every} at :${past}`;
  }
  return hour === '*' ? everyOf(minute, 'minute') : undefined;
}

function daysOf(day: string, month: string, weekday: string) {
  const months = month === '*' ? undefined : numbersIn(month, MONTHS, 1);
  if (month !== '*' && !months) {
    return undefined;
  }
  const within = months
    ? ` of ${listed(months.map(each => MONTHS[each - 1] ?? '?'))}`
    : '';
  if (day !== '*') {
    const days = numbersIn(day);
    // With both, cron means either of them, which no short sentence says.
    return days && weekday === '*'
      ? `on the ${listed(days.map(ordinal))}${within || ' of every month'}`
      : undefined;
  }
  const days =
    weekday === '*'
      ? undefined
      : numbersIn(weekday, DAYS)?.map(each => each % 7);
  if (weekday !== '*' && !days) {
    return undefined;
  }
  const key = days?.toSorted((a, b) => a - b).join('');
  if (key === undefined || key === '0123456') {
    return `every day${within}`;
  }
  if (key === '12345') {
    return `every weekday${within}`;
  }
  return `every ${listed(days!.map(each => DAYS[each]))}${within}`;
}

/**
 * When a schedule of five fields is due, as one would say it: `Every weekday at 07:00`.
 *
 * @returns nothing for what has no short sentence
 */
export function cronInWords(cron: string): string | undefined {
  const fields = cron.trim().split(/\s+/);
  if (fields.length !== 5) {
    return undefined;
  }
  const [minute, hour, day, month, weekday] = fields;
  const days = daysOf(day, month, weekday);
  const times = timesOf(minute, hour);
  if (!days || !times) {
    return undefined;
  }
  let words = `${days} ${times}`;
  if (times.startsWith('every')) {
    words = days === 'every day' ? times : `${times}, ${days}`;
  }
  return words.charAt(0).toLocaleUpperCase('en-US') + words.slice(1);
}
