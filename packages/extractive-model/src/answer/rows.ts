import type { Data, Row } from './data';
import {
  cellOf,
  columnFor,
  columnsOf,
  extremeOf,
  narrowed,
  operationOf,
  sumOf,
} from './aggregate';
import { relevanceOfField, type Focus } from './focus';
import { cellText, counted, isNaming, labelOf, valueText } from './format';
import { passagesText, looksLikePassages } from './passages';
import { recordText } from './record';

const MOST_ROWS = 15;
const MOST_COLUMNS = 6;

function chosenColumns(rows: Row[], focus: Focus): string[] {
  const columns = columnsOf(rows);
  if (columns.length <= MOST_COLUMNS) return columns;
  const scored = columns.map((column, index) => ({
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
  }));
  return scored
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
  const cells = rows.map(row =>
    columns.map(column =>
      cellText(cellOf(row, column), column.split('.').at(-1) ?? '', row),
    ),
  );
  return [
    `| ${columns.map(column => labelOf(column.split('.'))).join(' | ')} |`,
    `| ${columns.map(() => '---').join(' | ')} |`,
    ...cells.map(row => `| ${row.join(' | ')} |`),
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
export function rowsText(
  data: Extract<Data, { kind: 'rows' }>,
  question: string,
  focus: Focus,
  label: string,
  applied: string[],
): string {
  const noun = nounOf(data, label);
  if (!data.rows.length) {
    const filters = applied.length ? ` for ${applied.join(', ')}` : '';
    return `There are no ${counted(2, noun).replace(/^2 /, '')}${filters}.`;
  }
  if (looksLikePassages(data.rows)) return passagesText(data.rows, question);
  const { rows, by } =
    data.rows.length > 1
      ? narrowed(data.rows, question, applied)
      : { rows: data.rows, by: [] };
  const total = by.length
    ? rows.length
    : Math.max(data.total ?? 0, rows.length);
  const among = by.length ? ` (${by.join(', ')})` : '';
  let partial = '';
  if (data.more && rows.length < total) {
    partial = ` Only the first ${data.rows.length} of ${total} are seen here.`;
  } else if (data.more && data.total === undefined) {
    partial = ` There may be more than the ${data.rows.length} seen here.`;
  }
  const operation = operationOf(question);
  const head = `${counted(total, noun)}${among}.${partial}`;

  if (
    rows.length === 1 &&
    operation?.kind !== 'count' &&
    operation?.kind !== 'sum'
  ) {
    return `${counted(total, noun)}${among}:\n\n${recordText(rows[0], {
      stems: [],
      kinds: [],
    })}`;
  }
  if (operation?.kind === 'sum' || operation?.kind === 'average') {
    const stated = Object.entries(data.around).find(
      ([key, value]) =>
        typeof value === 'number' &&
        /total|sum|amount|outstanding|value/i.test(key) &&
        key !== 'total' &&
        !by.length,
    );
    if (stated && operation.kind === 'sum') {
      return `**${labelOf([stated[0]])}** ${valueText(
        stated[1],
        stated[0],
        data.around,
      )}, over ${head}\n\n${table(rows.slice(0, MOST_ROWS), focus)}`;
    }
    const column = columnFor(rows, 'number', focus);
    if (column) {
      const sum = sumOf(rows, column);
      const value =
        operation.kind === 'sum'
          ? sum
          : Math.round((sum / rows.length) * 100) / 100;
      const key = column.split('.').at(-1) ?? column;
      const what = operation.kind === 'sum' ? 'The sum of' : 'The average of';
      return `${what} ${labelOf(column.split('.'))} over ${counted(
        rows.length,
        noun,
      )} is **${valueText(value, key, rows[0])}**.${partial}\n\n${table(
        rows.slice(0, MOST_ROWS),
        focus,
      )}`;
    }
  }
  if (
    (operation?.kind === 'most' || operation?.kind === 'least') &&
    rows.length > 1
  ) {
    const column =
      columnFor(rows, operation.by, focus) ??
      (operation.by === 'time' ? undefined : columnFor(rows, 'number', focus));
    if (column) {
      const row = extremeOf(rows, column, operation.kind);
      return `Of ${counted(rows.length, noun)}${among}, by ${labelOf(
        column.split('.'),
      )}:\n\n${recordText(row, { stems: [], kinds: [] })}${
        partial ? `\n\n${partial.trim()}` : ''
      }`;
    }
  }
  const shown = rows.slice(0, MOST_ROWS);
  const rest = total - shown.length;
  return `${head}\n\n${table(shown, focus)}${
    rest > 0 ? `\n\n… and ${rest} more.` : ''
  }`;
}
