import {
  contentWords,
  humanise,
  splitIdentifier,
  stemOf,
  wordsOf,
} from '../lexicon/words';
import { numbersIn } from '../lexicon/numbers';
import { fieldsOf, type Row } from './data';
import { relevanceOfField, type Focus } from './focus';

/** What a question wants done with rows. */
export type Operation =
  | { kind: 'count' }
  | { kind: 'sum' }
  | { kind: 'average' }
  | { kind: 'most'; by: 'time' | 'number' }
  | { kind: 'least'; by: 'time' | 'number' };

/** Reads from a question what to do with rows: count, add up, or pick the extreme one. */
export function operationOf(question: string): Operation | undefined {
  if (/\b(?:average|mean|on average)\b/i.test(question))
    return { kind: 'average' };
  if (
    /\b(?:latest|newest|most recent|last|youngest)\b(?! (?:week|month|year|quarter|days?|name|\d))/i.test(
      question,
    )
  )
    return { kind: 'most', by: 'time' };
  if (/\b(?:earliest|oldest|first)\b(?! \d)/i.test(question))
    return { kind: 'least', by: 'time' };
  if (
    /\b(?:highest|largest|biggest|most expensive|greatest|maximum|priciest|longest|heaviest|the most|top)\b(?! \d)/i.test(
      question,
    )
  )
    return { kind: 'most', by: 'number' };
  if (
    /\b(?:lowest|smallest|cheapest|least|minimum|shortest|lightest|fewest)\b/i.test(
      question,
    )
  )
    return { kind: 'least', by: 'number' };
  if (/\bhow many\b|\bnumber of\b|\bcount\b/i.test(question))
    return { kind: 'count' };
  if (
    /\b(?:total|sum|altogether|overall|combined|in all|add(?:ed)? up|how much)\b/i.test(
      question,
    )
  )
    return { kind: 'sum' };
  return undefined;
}

const isTime = (value: unknown) =>
  typeof value === 'string' && /^\d{4}-\d{2}(?:-\d{2})?(?:T|$)/.test(value);

/** The columns of rows whose every value is a single one, nested ones by their dotted path. */
export function columnsOf(rows: Row[]): string[] {
  const names: string[] = [];
  for (const row of rows.slice(0, 30)) {
    for (const field of fieldsOf(row)) {
      const name = field.path.join('.');
      if (
        !names.includes(name) &&
        !(
          Array.isArray(field.value) &&
          field.value.some(item => typeof item === 'object')
        )
      )
        names.push(name);
    }
  }
  return names;
}

/** A cell by its dotted path. */
export function cellOf(row: Row, column: string): unknown {
  return column
    .split('.')
    .reduce<unknown>((value, key) => (value as Row | undefined)?.[key], row);
}

/** The column that a number or time operation works on: the one that the question names, else the most usual kind. */
export function columnFor(
  rows: Row[],
  by: 'time' | 'number',
  focus: Focus,
): string | undefined {
  const fits = columnsOf(rows).filter(column =>
    rows.some(row =>
      by === 'time'
        ? isTime(cellOf(row, column))
        : typeof cellOf(row, column) === 'number',
    ),
  );
  const scored = fits.map((column, index) => {
    const path = column.split('.');
    let score =
      relevanceOfField({ path, value: cellOf(rows[0], column) }, focus) -
      index * 0.01;
    if (by === 'number' && /total|amount|sum|net|gross/i.test(column))
      score += 0.5;
    if (
      by === 'number' &&
      /(?:id|number|year|version|percent|rate)$/i.test(column)
    )
      score -= 1;
    return { column, score };
  });
  return scored.sort((a, b) => b.score - a.score)[0]?.column;
}

/** Adds up a column without the dust of binary fractions. */
export function sumOf(rows: Row[], column: string): number {
  const total = rows.reduce(
    (sum, row) => sum + (Number(cellOf(row, column)) || 0),
    0,
  );
  return Math.round(total * 1e6) / 1e6;
}

/** The row at one end of a column. */
export function extremeOf(
  rows: Row[],
  column: string,
  kind: 'most' | 'least',
): Row {
  const rank = (row: Row) => {
    const value = cellOf(row, column);
    return typeof value === 'number' ? value : Date.parse(String(value)) || 0;
  };
  return rows.reduce((best, row) =>
    (kind === 'most' ? rank(row) > rank(best) : rank(row) < rank(best))
      ? row
      : best,
  );
}

/**
 * Keeps the rows that a question speaks of, when its words are values in some rows and not in others, or when it
 * compares with a number. Words that already served as arguments do not filter twice.
 */
export function narrowed(
  rows: Row[],
  question: string,
  applied: string[],
): { rows: Row[]; by: string[] } {
  const used = new Set(
    applied.flatMap(value =>
      wordsOf(value.replace(/_/g, ' ')).map(word => word.stem),
    ),
  );
  const columns = columnsOf(rows);
  const keys = new Set(
    columns.flatMap(column => splitIdentifier(column)).map(stemOf),
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
    if (values.length < 2) continue;
    for (const value of values) {
      const stems = wordsOf(value.replace(/_/g, ' ')).map(word => word.stem);
      const asked = contentWords(question).filter(
        word =>
          !used.has(word.stem) &&
          !keys.has(word.stem) &&
          !/^\d+$/.test(word.stem),
      );
      if (
        !stems.length ||
        !stems.every(stem => asked.some(word => word.stem === stem))
      )
        continue;
      const rest = kept.filter(row => cellOf(row, column) === value);
      if (rest.length && rest.length < kept.length) {
        kept = rest;
        by.push(value);
      }
    }
  }
  for (const mention of numbersIn(question)) {
    if (!mention.bound || used.has(String(mention.value))) continue;
    const near = [...mention.after.slice(0, 2), ...mention.before].map(stemOf);
    const column =
      columns.find(
        name =>
          rows.some(row => typeof cellOf(row, name) === 'number') &&
          splitIdentifier(name).some(part => near.includes(stemOf(part))),
      ) ??
      (mention.money
        ? columns.find(name => /amount|total|price|cost/i.test(name))
        : undefined);
    if (!column) continue;
    const rest = kept.filter(row =>
      mention.bound === 'min'
        ? Number(cellOf(row, column)) >= mention.value
        : Number(cellOf(row, column)) <= mention.value,
    );
    kept = rest;
    by.push(
      `${humanise(column)} ${mention.bound === 'min' ? 'from' : 'up to'} ${
        mention.value
      }`,
    );
  }
  return { rows: kept, by };
}
