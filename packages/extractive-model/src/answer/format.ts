import { humanise, splitIdentifier } from '../text/words';
import { isRow, type Row } from './data';

const CURRENCIES = /^(?:eur|usd|gbp|chf|jpy|cad|aud|sek|nok|dkk|pln|inr|cny)$/i;
const UNITS: Record<string, string> = {
  kg: 'kg',
  g: 'g',
  km: 'km',
  m: 'm',
  cm: 'cm',
  mm: 'mm',
  kmh: 'km/h',
  celsius: '°C',
  fahrenheit: '°F',
  c: '°C',
  percent: '%',
  pct: '%',
  days: 'days',
  hours: 'hours',
  minutes: 'minutes',
  seconds: 'seconds',
  weeks: 'weeks',
  months: 'months',
  years: 'years',
  ms: 'ms',
  kwh: 'kWh',
  kw: 'kW',
  litres: 'l',
  liters: 'l',
  bytes: 'bytes',
  mb: 'MB',
  gb: 'GB',
};

/** The key for people, without the unit that its value will carry: `weightKg` → `weight`. */
export function labelOf(path: string[]): string {
  const parts = path.filter(
    (key, index) =>
      !(
        index < path.length - 1 &&
        /^(?:data|result|attributes|properties)$/i.test(key)
      ),
  );
  const words = parts.flatMap(splitIdentifier);
  const last = words.at(-1)?.toLowerCase() ?? '';
  const dropsUnit =
    words.length > 1 &&
    (CURRENCIES.test(last) ||
      (UNITS[last] &&
        !/^(?:days|hours|minutes|seconds|weeks|months|years|c|g|m)$/.test(
          last,
        )) ||
      last === 'cents');
  const shown = dropsUnit ? words.slice(0, -1) : words;
  // "customer customer name" says one word twice
  const once = shown.filter(
    (word, index) => word.toLowerCase() !== shown[index - 1]?.toLowerCase(),
  );
  return humanise(once.join(' ')).replace(/\bid\b/g, 'ID');
}

function grouped(value: number, digits?: number): string {
  return value.toLocaleString(
    'en-US',
    digits === undefined
      ? { maximumFractionDigits: 6 }
      : { minimumFractionDigits: digits, maximumFractionDigits: digits },
  );
}

function numberText(value: number, key: string): string {
  const words = splitIdentifier(key).map(word => word.toLowerCase());
  const last = words.at(-1) ?? '';
  if (CURRENCIES.test(last))
    return `${grouped(value, 2)} ${last.toUpperCase()}`;
  if (words.length > 1 && UNITS[last])
    return last === 'percent' || last === 'pct'
      ? `${grouped(value)}%`
      : `${grouped(value)} ${UNITS[last]}`;
  if (
    /year$|id$|number$|code$/i.test(key) ||
    (Number.isInteger(value) && Math.abs(value) < 10_000)
  )
    return String(value);
  return grouped(value);
}

/** A value for people, with the unit that its key tells. */
export function valueText(value: unknown, key = ''): string {
  if (value === null || value === undefined || value === '') return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return numberText(value, key);
  if (typeof value === 'string') {
    const time =
      /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?(Z|\+00:00)$/.exec(
        value,
      );
    if (time)
      return time[2] === '00:00' ? time[1] : `${time[1]} ${time[2]} UTC`;
    return /^[a-z]+(?:_[a-z]+)+$/.test(value)
      ? value.replace(/_/g, ' ')
      : value;
  }
  if (Array.isArray(value)) {
    if (!value.length) return 'none';
    return value
      .map(item => (isRow(item) ? rowText(item) : valueText(item, key)))
      .join('; ');
  }
  if (isRow(value)) return rowText(value);
  return String(value);
}

/** A row on one line: what names it first, then its other values. */
export function rowText(row: Row): string {
  return Object.entries(row)
    .filter(
      ([, value]) => value !== null && value !== undefined && value !== '',
    )
    .map(([key, value]) => {
      const text = valueText(value, key);
      return isNaming(key) ? text : `${labelOf([key])} ${text}`;
    })
    .join(', ');
}

/** True for keys that name a thing: id, name, title, number. */
export function isNaming(key: string): boolean {
  return /^(?:id|name|title|number|code|sku|key|ref|label|product|item|value)$|(?:[a-z]Id|_id|Number|_number)$/.test(
    key,
  );
}

/** A cell of a Markdown table; line breaks and bars would break it. */
export function cellText(value: unknown, key: string): string {
  return valueText(value, key)
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\|/g, '\\|')
    .slice(0, 160);
}

/** "1 order", "3 orders". */
export function counted(count: number, noun: string): string {
  if (count === 1) {
    const one = noun
      .replace(/ies$/, 'y')
      .replace(/(ch|sh|x|ss)es$/, '$1')
      .replace(/([^s])s$/, '$1');
    return `1 ${one}`;
  }
  const many = /s$/.test(noun)
    ? noun
    : noun
        .replace(/([^aeiou])y$/, '$1ie')
        .replace(/(ch|sh|x|ss)$/, '$1e')
        .concat('s');
  return `${grouped(count)} ${
    /^(?:stock|people|staff|equipment|leave|money|inventory)$/.test(noun)
      ? `${noun === 'people' ? 'people' : 'entries'}`
      : many
  }`;
}
