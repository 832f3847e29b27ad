import type { Reading } from '../text/reading';
import { likeness, wordsOf } from '../text/words';
import {
  cellOf,
  columnsOf,
  isTime,
  numberOf,
  type Data,
  type Row,
} from './data';
import { EVERYTHING, relevanceOfField, type Focus } from './focus';
import { cellText, counted, labelOf, valueText } from './format';
import { names, narrowed } from './narrow';
import { looksLikePassages, passagesText } from './passages';
import { nameOf, recordText } from './record';

type Operation = 'count' | 'sum' | 'average' | 'most' | 'least';

const MOST_ROWS = 15;
const MOST_COLUMNS = 6;
const OPERATIONS: [Operation, 'time' | 'number', RegExp][] = [
  [
    'average',
    'number',
    /\b(?:average|mean|durchschnitt\p{L}*|moyenne|promedio)\b|平均/iu,
  ],
  [
    'most',
    'time',
    /\b(?:latest|newest|most recent|last|youngest|neueste\p{L}*|letzte\p{L}*)\b(?! (?:week|month|year|quarter|days?|night|name|woche|monat|jahr|\d))|最新|最近的/iu,
  ],
  [
    'least',
    'time',
    /\b(?:earliest|oldest|soonest|first|next|früheste\p{L}*|älteste\p{L}*|nächste\p{L}*)\b(?! (?:week|month|year|quarter|days?|name|woche|monat|jahr|\d))|最早/iu,
  ],
  [
    'least',
    'number',
    /\b(?:lowest|smallest|cheapest|least|minimum|shortest|lightest|fewest|slowest|coldest|weakest|nearest|closest|quietest|scarcest|(?:niedrigste|kleinste|billigste|günstigste|kürzeste|wenigste)\p{L}*)\b|最低|最小|最少|最便宜|最短/iu,
  ],
  [
    'most',
    'number',
    /\b(?:most|maximum|top|best|\p{L}{3,}(?<!inter|for|con|harv)est|\p{L}{3,}ste[nrsm]?|meiste\p{L}*)\b(?! (?:recent|\d))|最/iu,
  ],
  [
    'count',
    'number',
    /\bhow many\b|\bnumber of\b|\bcount\b|wie ?viele?|combien|cuánt[oa]s|多少|几(?:个|人|条|家|台|次|本|位|张|份)/iu,
  ],
  [
    'sum',
    'number',
    /\b(?:total|sum|altogether|overall|combined|in all|add(?:ed)? up|how much|insgesamt|gesamt\p{L}*|zusammen|au total|en total)\b|总共|一共|合计|总/iu,
  ],
];

function operationOf(text: string) {
  const found = OPERATIONS.find(([, , pattern]) => pattern.test(text));
  return found && { kind: found[0], by: found[1], pattern: found[2] };
}

/** True for questions that only a look at several rows answers. */
export const wantsTable = (reading: Reading) =>
  operationOf(reading.text) !== undefined ||
  /\bwhich\b|\bwelche|\bor\b|哪/iu.test(reading.text);

const keyOf = (column: string) => column.split('.').at(-1) ?? column;
const COUNTER = /(?:^|[_ ])(?:id|no|number|year|version)$|Id$/i;

/** Columns that an operation may work on; numbers that only name a thing are not counted with. */
function columnsBy(rows: Row[], by: 'time' | 'number'): string[] {
  return columnsOf(rows).filter(
    column =>
      !(by === 'number' && COUNTER.test(keyOf(column))) &&
      rows.some(row =>
        by === 'time'
          ? isTime(cellOf(row, column))
          : numberOf(cellOf(row, column)) !== undefined,
      ),
  );
}

/** The column that an operation works on: the one that the question names, else the most usual kind. */
function columnFor(
  rows: Row[],
  by: 'time' | 'number',
  focus: Focus,
): string | undefined {
  const columns = columnsBy(rows, by);
  const scores = columns.map(column =>
    relevanceOfField(
      { path: column.split('.'), value: cellOf(rows[0], column) },
      focus,
    ),
  );
  const rank = (index: number) =>
    scores[index] +
    (by === 'number' &&
    /total|amount|sum|net|gross|price|value/i.test(columns[index])
      ? 0.3
      : 0) -
    index * 0.01;
  return [...columns.keys()]
    .sort((a, b) => rank(b) - rank(a))
    .map(index => columns[index])[0];
}

/** "How many minutes" over rows that hold minutes: the column that is counted in. */
function countedColumn(
  rows: Row[],
  reading: Reading,
  pattern: RegExp,
  noun: string,
): string | undefined {
  const at = pattern.exec(reading.text);
  if (!at) return undefined;
  const [thing] = reading.content.filter(
    word => word.start >= at.index + at[0].length - 1,
  );
  if (!thing || names(thing, noun) >= 0.7) return undefined;
  const columns = columnsBy(rows, 'number');
  const named = columns.find(column => names(thing, column) >= 0.5);
  const sole =
    /\b(?:total|altogether|in all|insgesamt|zusammen)\b|一共|总/i.test(
      reading.text,
    );
  return named ?? (sole || columns.length === 1 ? columns[0] : undefined);
}

const sumOf = (rows: Row[], column: string) =>
  Math.round(
    rows.reduce((sum, row) => sum + (numberOf(cellOf(row, column)) ?? 0), 0) *
      1e6,
  ) / 1e6;

function extremeOf(rows: Row[], column: string, kind: 'most' | 'least'): Row {
  const rank = (row: Row) => {
    const value = cellOf(row, column);
    const text = String(value);
    return (
      numberOf(value) ??
      (/^\d{1,2}:\d{2}/.test(text)
        ? Number(text.replace(':', '').slice(0, 4))
        : Date.parse(text) || 0)
    );
  };
  const known = rows.filter(row => (cellOf(row, column) ?? '') !== '');
  return (known.length ? known : rows).reduce((best, row) =>
    (kind === 'most' ? rank(row) > rank(best) : rank(row) < rank(best))
      ? row
      : best,
  );
}

function table(rows: Row[]): string {
  const columns = columnsOf(rows).slice(0, MOST_COLUMNS);
  return [
    `| ${columns.map(column => labelOf(column.split('.'))).join(' | ')} |`,
    `| ${columns.map(() => '---').join(' | ')} |`,
    ...rows.map(
      row =>
        `| ${columns
          .map(column => cellText(cellOf(row, column), keyOf(column)))
          .join(' | ')} |`,
    ),
  ].join('\n');
}

/** What the rows are called: the list's own key, else the noun in the tool's name. */
function nounOf(data: Extract<Data, { kind: 'rows' }>, label: string): string {
  if (data.name) return labelOf([data.name]);
  const words = label
    .split(' ')
    .slice(1)
    .filter(word => !/^(?:by|for|of|all|in|with)$/.test(word));
  return words.at(-1) ?? 'entry';
}

/** Says what a list of rows holds: a count, a sum, the extreme row, or the rows themselves. */
export function tableText(
  data: Extract<Data, { kind: 'rows' }>,
  reading: Reading,
  focus: Focus,
  label: string,
  applied: string[],
): string {
  const noun = nounOf(data, label);
  if (!data.rows.length) {
    const filters = applied.length ? ` for ${applied.join(', ')}` : '';
    return reading.language === 'zh'
      ? `没有找到结果。`
      : `There are no ${counted(2, noun).replace(/^2 /, '')}${filters}.`;
  }
  if (looksLikePassages(data.rows))
    return (
      passagesText(data.rows, reading) ??
      'The passages found do not say anything about that.'
    );
  const { rows, by } =
    data.rows.length > 1
      ? narrowed(data.rows, reading, applied)
      : { rows: data.rows, by: [] };
  const total = by.length
    ? rows.length
    : Math.max(data.total ?? 0, rows.length);
  const among = by.length ? ` (${by.join(', ')})` : '';
  let partial = '';
  if (data.more && data.rows.length < (data.total ?? Infinity))
    partial =
      data.total === undefined
        ? ` There may be more than the ${data.rows.length} seen here.`
        : ` Only the first ${data.rows.length} of ${data.total} are seen here.`;
  if (!rows.length)
    return `None of the ${counted(
      data.rows.length,
      noun,
    )} seen${among}.${partial}`;
  const operation = operationOf(reading.text);
  // what all rows are tells no column
  const nouns = wordsOf(noun).flatMap(word => word.stems);
  const aim = {
    ...focus,
    stems: focus.stems.filter(
      stem => !nouns.some(other => likeness(stem, other) >= 0.7),
    ),
  };
  const shown = () => table(rows.slice(0, MOST_ROWS));
  const kind = operation?.kind;
  const over =
    kind === 'count' && rows.length > 1
      ? countedColumn(rows, reading, operation!.pattern, noun)
      : undefined;
  if (kind === 'sum' || kind === 'average' || over) {
    const column = over ?? columnFor(rows, 'number', aim);
    if (column && rows.length > 1) {
      const sum = sumOf(rows, column);
      const value =
        kind === 'average' ? Math.round((sum / rows.length) * 100) / 100 : sum;
      return `The ${kind === 'average' ? 'average' : 'sum'} of ${labelOf(
        column.split('.'),
      )} over ${counted(rows.length, noun)}${among} is **${valueText(
        value,
        keyOf(column),
      )}**.${partial}`;
    }
  }
  if ((kind === 'most' || kind === 'least') && rows.length > 1) {
    const column =
      columnFor(rows, operation!.by, aim) ?? columnFor(rows, 'number', aim);
    if (column) {
      const row = extremeOf(rows, column, kind);
      return `Of ${counted(rows.length, noun)}${among}, by ${labelOf(
        column.split('.'),
      )}: **${nameOf(row) ?? String(Object.values(row)[0])}**, ${valueText(
        cellOf(row, column),
        keyOf(column),
      )}.${partial}\n\n${recordText(row, focus, { onlyAsked: true })}`.trim();
    }
  }
  if (rows.length === 1 && kind !== 'count')
    return `${counted(total, noun)}${among}:\n\n${recordText(
      rows[0],
      by.length ? EVERYTHING : focus,
    )}`;
  const rest = total - Math.min(rows.length, MOST_ROWS);
  return `${counted(total, noun)}${among}.${partial}\n\n${shown()}${
    rest > 0 ? `\n\n… and ${rest} more.` : ''
  }`;
}
