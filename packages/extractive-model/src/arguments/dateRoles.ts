import type { DateMention } from './dates';
import type { Parameter } from './parameter';

type Role = 'start' | 'end' | 'point';

function roleOf(parameter: Parameter): Role {
  const words = parameter.name
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z]+/);
  if (
    words.some(word =>
      /^(?:from|since|after|start|starts|begin|min|earliest|departure|checkin|pickup)$/.test(
        word,
      ),
    )
  )
    return 'start';
  if (
    words.some(word =>
      /^(?:to|until|till|before|end|ends|max|latest|through|checkout|dropoff|return|finish)$/.test(
        word,
      ),
    )
  )
    return 'end';
  return 'point';
}

function written(day: string, parameter: Parameter, role: Role): string {
  const { format, pattern } = parameter.schema;
  if (format === 'date-time')
    return `${day}T${role === 'end' ? '23:59:59' : '00:00:00'}Z`;
  if (pattern) {
    const exact = new RegExp(pattern);
    if (!exact.test(day) && exact.test(day.slice(0, 7))) return day.slice(0, 7);
    if (!exact.test(day) && exact.test(day.slice(0, 4))) return day.slice(0, 4);
  } else if (
    /month$/i.test(parameter.name) ||
    /yyyy-mm(?!-dd)/i.test(parameter.description)
  ) {
    return day.slice(0, 7);
  }
  return day;
}

/** The date that a parameter wants, by its part in a pair such as from/to. */
export function dateFor(
  parameter: Parameter,
  all: Parameter[],
  dates: DateMention[],
): { value: string; start: number; end: number } | undefined {
  const role = roleOf(parameter);
  const siblings = all.filter(other => other.kind === 'date');
  const [first] = dates;
  if (!first) return undefined;
  const last = dates[dates.length - 1];
  const take = (mention: DateMention, day: string) => ({
    value: written(day, parameter, role),
    start: mention.start,
    end: mention.end,
  });
  if (role === 'start')
    return first.open === 'from' ? undefined : take(first, first.from);
  if (role === 'end') {
    if (last.open === 'to' && dates.length === 1) return undefined;
    // without a second date, an end beside a start closes the same span
    return take(last, last.to);
  }
  const rank = siblings
    .filter(other => roleOf(other) === 'point')
    .indexOf(parameter);
  const spanned = siblings.some(other => roleOf(other) !== 'point');
  if (spanned && !parameter.required) return undefined;
  const mention = dates[rank] ?? (parameter.required ? first : undefined);
  return mention && take(mention, mention.from);
}
