import type { Reading } from '../text/reading';
import {
  humanise,
  likeness,
  splitIdentifier,
  stemOf,
  wordsOf,
} from '../text/words';
import { fieldsOf, type Data, type Row } from './data';
import { EVERYTHING, relevanceOfField, type Focus } from './focus';
import { cellText, counted, isNaming, labelOf, valueText } from './format';
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
    'most',
    'number',
    /\b(?:highest|largest|biggest|most|greatest|maximum|priciest|longest|heaviest|top|best|tallest|fastest|busiest|strongest|hottest|warmest|(?:höchste|größte|teuerste|längste|meiste|schwerste)\p{L}*)\b(?! (?:recent|\d))|最高|最大|最多|最贵|最长/iu,
  ],
  [
    'least',
    'number',
    /\b(?:lowest|smallest|cheapest|least|minimum|shortest|lightest|fewest|slowest|coldest|weakest|nearest|closest|(?:niedrigste|kleinste|billigste|günstigste|kürzeste|wenigste)\p{L}*)\b|最低|最小|最少|最便宜|最短/iu,
  ],
  [
    'count',
    'number',
    /\bhow many\b|\bnumber of\b|\bcount\b|wie viele|combien de|cuánt[oa]s|多少(?:个|人|条|家|台|次|本|位|张|份)?|几(?:个|人|条|家|台|次|本|位|张|份)/iu,
  ],
  [
    'sum',
    'number',
    /\b(?:total|sum|altogether|overall|combined|in all|add(?:ed)? up|how much|insgesamt|gesamt\p{L}*|zusammen|au total|en total)\b|总共|一共|合计|总/iu,
  ],
];

function operationOf(
  text: string,
): { kind: Operation; by: 'time' | 'number' } | undefined {
  const found = OPERATIONS.find(([, , pattern]) => pattern.test(text));
  return found && { kind: found[0], by: found[1] };
}

/** True for questions that only a look at several rows answers. */
export const wantsTable = (reading: Reading) =>
  operationOf(reading.text) !== undefined ||
  /\bwhich\b|\bwelche|哪/iu.test(reading.text);

const isTime = (value: unknown) =>
  typeof value === 'string' &&
  /^(?:\d{4}-\d{2}(?:-\d{2})?(?:[T ]|$)|\d{1,2}:\d{2})/.test(value);
const cellOf = (row: Row, column: string) =>
  column
    .split('.')
    .reduce<unknown>((value, key) => (value as Row | undefined)?.[key], row);
const keyOf = (column: string) => column.split('.').at(-1) ?? column;
const stemsOfColumn = (column: string) =>
  splitIdentifier(column).map(word => stemOf(word.toLowerCase()));

/** The columns of rows whose every value is a single one, nested ones by their dotted path. */
function columnsOf(rows: Row[]): string[] {
  const names = new Set<string>();
  for (const row of rows.slice(0, 30))
    for (const field of fieldsOf(row))
      if (
        !(
          Array.isArray(field.value) &&
          field.value.some(item => typeof item === 'object')
        )
      )
        names.add(field.path.join('.'));
  return [...names].slice(0, 60);
}

/** The column that an operation works on: the one that the question names, else the most usual kind. */
function columnFor(
  rows: Row[],
  by: 'time' | 'number',
  focus: Focus,
): string | undefined {
  return columnsOf(rows)
    .filter(column =>
      rows.some(row =>
        by === 'time'
          ? isTime(cellOf(row, column))
          : typeof cellOf(row, column) === 'number',
      ),
    )
    .map((column, index) => {
      const key = keyOf(column);
      let score =
        relevanceOfField(
          { path: column.split('.'), value: cellOf(rows[0], column) },
          focus,
        ) -
        index * 0.01;
      if (
        by === 'number' &&
        /total|amount|sum|net|gross|price|value/i.test(column)
      )
        score += 0.3;
      if (
        by === 'number' &&
        /(?:^|[_ ])(?:id|no|number|year|version)$|Id$/i.test(key)
      )
        score -= 1.5;
      return { column, score };
    })
    .sort((a, b) => b.score - a.score)[0]?.column;
}

/** What a row is called: its name, and what stands first in it, which tells it from the others. */
function calledOf(row: Row): string {
  const first = fieldsOf(row).find(field => typeof field.value === 'string');
  const name = nameOf(row);
  if (!first || name?.includes(String(first.value))) return name ?? 'it';
  return name ? `${first.value}, ${name}` : String(first.value);
}

const rounded = (value: number) => Math.round(value * 1e6) / 1e6;
const sumOf = (rows: Row[], column: string) =>
  rounded(
    rows.reduce((sum, row) => sum + (Number(cellOf(row, column)) || 0), 0),
  );

function extremeOf(rows: Row[], column: string, kind: 'most' | 'least'): Row {
  const rank = (row: Row) => {
    const value = cellOf(row, column);
    if (typeof value === 'number') return value;
    const text = String(value);
    return /^\d{1,2}:\d{2}/.test(text)
      ? Number(text.replace(':', '').slice(0, 4))
      : Date.parse(text) || 0;
  };
  const known = rows.filter(
    row => cellOf(row, column) !== null && cellOf(row, column) !== undefined,
  );
  return (known.length ? known : rows).reduce((best, row) =>
    (kind === 'most' ? rank(row) > rank(best) : rank(row) < rank(best))
      ? row
      : best,
  );
}

const OVER =
  /\b(?:above|over|exceed\p{L}*|more than|beyond|higher than|greater than|über\p{L}*)\b|超过|超出|高于/iu;
const UNDER =
  /\b(?:below|under|less than|lower than|short of|fewer than|unter\p{L}*)\b|低于|少于|不足/iu;
const NOT = /\b(?:not|isn't|aren't|isn’t|aren’t|without|nicht|no)\b|没|未|不/iu;

interface Narrowed {
  rows: Row[];
  by: string[];
}

/** Compares two columns of each row: "above its limit", "not fully ready". */
function compared(
  rows: Row[],
  reading: Reading,
  columns: string[],
): Narrowed | undefined {
  const numeric = columns.filter(column =>
    rows.every(row => typeof cellOf(row, column) === 'number'),
  );
  if (numeric.length < 2 || reading.numbers.some(mention => mention.bound))
    return undefined;
  const named = numeric.find(column =>
    stemsOfColumn(column).some(stem =>
      reading.content.some(word =>
        word.stems.some(own => likeness(own, stem) >= 0.75),
      ),
    ),
  );
  const over = OVER.test(reading.text);
  const under = UNDER.test(reading.text);
  const not = NOT.test(reading.text);
  if (!named || !(over || under || not)) return undefined;
  const other = numeric.find(
    column => column !== named && !/id$/i.test(column),
  )!;
  if (!other) return undefined;
  const kept = rows.filter(row => {
    const [a, b] = [Number(cellOf(row, other)), Number(cellOf(row, named))];
    if (over) return a > b;
    return under ? a < b : b < a;
  });
  const relation = over ? 'above' : 'below';
  return {
    rows: kept,
    by: [
      over || under
        ? `${humanise(other)} ${relation} ${humanise(named)}`
        : `${humanise(named)} below ${humanise(other)}`,
    ],
  };
}

/**
 * Keeps the rows that a question speaks of, when its words are values in some rows and not in others, or when it
 * compares with a number, a day or another column. Words that already served as arguments do not filter twice.
 */
function narrowed(rows: Row[], reading: Reading, applied: string[]): Narrowed {
  const used = new Set(
    applied.flatMap(value =>
      wordsOf(value.replace(/_/g, ' ').slice(0, 200)).flatMap(
        word => word.stems,
      ),
    ),
  );
  const columns = columnsOf(rows);
  const keys = new Set(columns.flatMap(stemsOfColumn));
  const asked = reading.content.filter(
    word =>
      !word.stems.some(stem => used.has(stem) || keys.has(stem)) &&
      !/^\d+$/.test(word.lower),
  );
  let kept = rows;
  const by: string[] = [];
  for (const column of columns) {
    const values = [
      ...new Set(
        rows
          .map(row => cellOf(row, column))
          .filter(
            (value): value is string =>
              typeof value === 'string' && value.length < 40,
          ),
      ),
    ];
    const flag = rows.some(row => typeof cellOf(row, column) === 'boolean');
    if (flag) {
      const stems = stemsOfColumn(column).filter(
        stem => !/^(?:is|ha|on|at)$/.test(stem),
      );
      const word = reading.content.find(
        item =>
          stems.length > 0 && stems.every(stem => item.stems.includes(stem)),
      );
      if (!word) continue;
      const no = NOT.test(
        reading.text.slice(Math.max(0, word.start - 12), word.start),
      );
      const rest = kept.filter(row => Boolean(cellOf(row, column)) !== no);
      if (rest.length < kept.length)
        [kept] = [rest, by.push(`${no ? 'not ' : ''}${humanise(column)}`)];
      continue;
    }
    if (values.length < 2) continue;
    const hits = values.filter(value => {
      const own = wordsOf(value.replace(/_/g, ' '));
      return (
        own.length > 0 &&
        own.every(item =>
          asked.some(word =>
            word.stems.some(stem => likeness(stem, item.stems[0]) >= 0.75),
          ),
        )
      );
    });
    if (!hits.length) continue;
    const negated = hits.every(hit => {
      const word = asked.find(item =>
        item.stems.some(
          stem => likeness(stem, wordsOf(hit)[0]?.stems[0] ?? '') >= 0.75,
        ),
      );
      return (
        word !== undefined &&
        /(?:\bnot|n['’]t|\bno|\bnicht|\bexcept|没|未|不)(?:\s+\p{L}+)?\s*$/iu.test(
          reading.text.slice(Math.max(0, word.start - 20), word.start),
        )
      );
    });
    const rest = kept.filter(
      row => hits.includes(cellOf(row, column) as string) !== negated,
    );
    if (rest.length && rest.length < kept.length) {
      kept = rest;
      by.push(`${negated ? 'not ' : ''}${hits.join(', ')}`);
    }
  }
  for (const mention of reading.numbers) {
    if (!mention.bound || used.has(String(mention.value))) continue;
    const near = [...mention.after.slice(0, 2), ...mention.before].flatMap(
      word => word.stems,
    );
    const numeric = columns.filter(name =>
      rows.some(row => typeof cellOf(row, name) === 'number'),
    );
    const column =
      numeric.find(name =>
        stemsOfColumn(name).some(stem =>
          near.some(other => likeness(other, stem) >= 0.7),
        ),
      ) ??
      (mention.currency
        ? numeric.find(name => /amount|total|price|cost|value/i.test(name))
        : undefined) ??
      (numeric.length === 1 ? numeric[0] : undefined);
    if (!column) continue;
    kept = kept.filter(row =>
      mention.bound === 'min'
        ? Number(cellOf(row, column)) >= mention.value
        : Number(cellOf(row, column)) <= mention.value,
    );
    by.push(
      `${humanise(column)} ${mention.bound === 'min' ? 'from' : 'up to'} ${
        mention.value
      }`,
    );
  }
  if (!by.length) {
    const dated = columns.find(column =>
      rows.some(
        row =>
          isTime(cellOf(row, column)) &&
          /^\d{4}/.test(String(cellOf(row, column))),
      ),
    );
    for (const span of dated ? reading.spans : []) {
      const day = (row: Row) => String(cellOf(row, dated!)).slice(0, 10);
      const rest = kept.filter(
        row =>
          (!span.start || day(row) >= span.start) &&
          (!span.end || day(row) <= span.end),
      );
      if (rest.length && rest.length < kept.length)
        [kept] = [rest, by.push(reading.text.slice(span.from, span.to))];
    }
  }
  return by.length
    ? { rows: kept, by }
    : compared(rows, reading, columns) ?? { rows: kept, by };
}

function chosenColumns(rows: Row[], focus: Focus): string[] {
  const columns = columnsOf(rows);
  if (columns.length <= MOST_COLUMNS) return columns;
  return columns
    .map((column, index) => ({
      column,
      index,
      score:
        relevanceOfField(
          { path: column.split('.'), value: cellOf(rows[0], column) },
          focus,
        ) +
        (isNaming(column) ? 1.5 : 0) +
        (/status|state|date|total|amount|name|on$/i.test(column) ? 0.4 : 0) -
        (rows.every(row => String(cellOf(row, column) ?? '').length > 80)
          ? 2
          : 0) -
        index * 0.01,
    }))
    .sort((a, b) => b.score - a.score)
    .slice(0, MOST_COLUMNS)
    .sort((a, b) => a.index - b.index)
    .map(item => item.column);
}

function table(rows: Row[], focus: Focus): string {
  const columns = chosenColumns(rows, focus);
  if (columns.length === 1)
    return rows
      .map(row => `- ${valueText(cellOf(row, columns[0]), columns[0], row)}`)
      .join('\n');
  return [
    `| ${columns.map(column => labelOf(column.split('.'))).join(' | ')} |`,
    `| ${columns.map(() => '---').join(' | ')} |`,
    ...rows.map(
      row =>
        `| ${columns
          .map(column => cellText(cellOf(row, column), keyOf(column), row))
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
    return `There are no ${counted(2, noun).replace(/^2 /, '')}${filters}.`;
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
  const shown = (most = MOST_ROWS) => table(rows.slice(0, most), focus);
  if (operation?.kind === 'sum' || operation?.kind === 'average') {
    const stated = Object.entries(data.around).find(
      ([key, value]) =>
        typeof value === 'number' &&
        /total|sum|amount|outstanding|value/i.test(key) &&
        key !== 'total' &&
        !by.length,
    );
    if (stated && operation.kind === 'sum')
      return `**${labelOf([stated[0]])}** ${valueText(
        stated[1],
        stated[0],
        data.around,
      )}, over ${counted(total, noun)}.${partial}\n\n${shown()}`;
    const column = columnFor(rows, 'number', focus);
    if (column && rows.length > 1) {
      const sum = sumOf(rows, column);
      const value =
        operation.kind === 'sum'
          ? sum
          : Math.round((sum / rows.length) * 100) / 100;
      const what = operation.kind === 'sum' ? 'The sum of' : 'The average of';
      return `${what} ${labelOf(column.split('.'))} over ${counted(
        rows.length,
        noun,
      )}${among} is **${valueText(value, keyOf(column), rows[0])}**.${partial}`;
    }
  }
  const extreme =
    operation?.kind === 'most' || operation?.kind === 'least'
      ? operation
      : undefined;
  if (extreme && rows.length > 1) {
    const column =
      columnFor(rows, extreme.by, focus) ?? columnFor(rows, 'number', focus);
    if (column) {
      const row = extremeOf(rows, column, extreme.kind as 'most' | 'least');
      return `Of ${counted(rows.length, noun)}${among}, by ${labelOf(
        column.split('.'),
      )}: **${calledOf(row)}**, ${valueText(
        cellOf(row, column),
        keyOf(column),
        row,
      )}.${partial}\n\n${recordText(row, focus, { onlyAsked: true })}`.trim();
    }
  }
  if (rows.length === 1 && operation?.kind !== 'count')
    return `${counted(total, noun)}${among}:\n\n${recordText(
      rows[0],
      by.length ? EVERYTHING : focus,
    )}`;
  if (operation?.kind === 'count') {
    const names = rows
      .slice(0, MOST_ROWS)
      .map(row => nameOf(row))
      .filter(Boolean);
    const listed =
      names.length && total <= MOST_ROWS ? `: ${names.join(', ')}` : '';
    return `${counted(total, noun)}${among}${listed}.${partial}`;
  }
  const rest = total - Math.min(rows.length, MOST_ROWS);
  return `${counted(total, noun)}${among}.${partial}\n\n${shown()}${
    rest > 0 ? `\n\n… and ${rest} more.` : ''
  }`;
}
