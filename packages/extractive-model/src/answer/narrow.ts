import { nearness } from '../text/meaning';
import type { Reading } from '../text/reading';
import {
  likeness,
  splitIdentifier,
  stemOf,
  wordsOf,
  type Word,
} from '../text/words';
import { cellOf, columnsOf, isTime, type Row } from './data';

/** The rows that a question speaks of, and by what they were chosen. */
export interface Narrowed {
  rows: Row[];
  by: string[];
}

const NOT =
  /(?:\b(?:not|isn['’]t|aren['’]t|without|nicht|no|keine?)|n['’]t|没|未|不)(?:\s*\p{L}+)?\s*$/iu;
const LATE =
  /\b(?:overdue|past due|expired|too late|überfällig\p{L}*|abgelaufen\p{L}*)\b|逾期|过期/iu;

export const stemsOfColumn = (column: string) =>
  splitIdentifier(column).map(word => stemOf(word.toLowerCase()));

/** How well a word names a column: 1 by itself, less by its family or its meaning. */
export const names = (word: Word, column: string): number =>
  Math.max(
    0,
    ...stemsOfColumn(column).flatMap(stem =>
      word.stems.map(own =>
        Math.max(likeness(own, stem), nearness(own, stem) * 0.9),
      ),
    ),
  );

/**
 * Keeps the rows that a question speaks of, when its words are values in some rows and not in others, or when it
 * names a time. Words that already served as arguments do not filter twice.
 */
export function narrowed(
  rows: Row[],
  reading: Reading,
  applied: string[],
): Narrowed {
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
  const keep = (test: (row: Row) => boolean, how: string) => {
    const rest = kept.filter(test);
    if (!rest.length || rest.length === kept.length) return;
    kept = rest;
    by.push(how);
  };
  const negated = (word: Word | undefined) =>
    word !== undefined &&
    NOT.test(reading.text.slice(Math.max(0, word.start - 20), word.start));
  for (const column of columns) {
    const values = [...new Set(rows.map(row => cellOf(row, column)))].filter(
      (value): value is string =>
        typeof value === 'string' && value.length < 40,
    );
    if (values.length < 2) continue;
    const meant = (value: string, least: number) => {
      const own = wordsOf(value.replace(/_/g, ' '));
      return (
        own.length > 0 &&
        own.every(item =>
          asked.some(word =>
            word.stems.some(
              stem =>
                likeness(stem, item.stems[0]) >= 0.75 ||
                nearness(stem, item.stems[0]) >= least,
            ),
          ),
        )
      );
    };
    const hits = values.filter(value => meant(value, 0.6));
    if (!hits.length) continue;
    const word = asked.find(item =>
      item.stems.some(
        stem => likeness(stem, wordsOf(hits[0])[0]?.stems[0] ?? '') >= 0.75,
      ),
    );
    const no = negated(word);
    keep(
      row => hits.includes(cellOf(row, column) as string) !== no,
      `${no ? 'not ' : ''}${hits.join(', ')}`,
    );
  }
  const dated = columns.find(column =>
    rows.some(
      row =>
        isTime(cellOf(row, column)) &&
        /^\d{4}/.test(String(cellOf(row, column))),
    ),
  );
  if (dated && !by.length) {
    const day = (row: Row) => String(cellOf(row, dated)).slice(0, 10);
    if (LATE.test(reading.text))
      keep(row => day(row) < reading.today, `before ${reading.today}`);
    for (const span of reading.spans)
      keep(
        row =>
          (!span.start || day(row) >= span.start) &&
          (!span.end || day(row) <= span.end),
        reading.text.slice(span.from, span.to),
      );
  }
  return { rows: kept, by };
}
