import type Database from 'better-sqlite3';
import { z } from 'zod/v4';
import { CannotDo } from '../serving/CannotDo';

/** The input fields that every list tool has. */
export const pageInput = {
  limit: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(25)
    .describe('How many to return at most, from 1 to 100'),
  cursor: z
    .string()
    .optional()
    .describe('The nextCursor of the page before, to read on'),
};

/** The output fields that every list tool has. */
export const pageOutput = {
  total: z.number().int().describe('How many match in all'),
  nextCursor: z
    .string()
    .optional()
    .describe('Give this as cursor to read the next page'),
};

/** One condition of a list; left out when its value is undefined. */
export interface Filter {
  sql: string;
  value: Database.Value | undefined;
}

/** One page of a list. */
export interface Page<T> {
  items: T[];
  total: number;
  nextCursor?: string;
}

/**
 * Reads one page, by a key that is unique and sorted, so that rows which
 * arrive between two pages neither repeat nor hide others.
 */
export function readPage<T>(
  db: Database.Database,
  query: {
    columns: string;
    from: string;
    key: string;
    order: 'ascending' | 'descending';
    filters: Filter[];
    limit: number;
    cursor?: string;
  },
): Page<T> {
  const filters = query.filters.filter(({ value }) => value !== undefined);
  const where = ['1 = 1', ...filters.map(({ sql }) => sql)];
  const values = filters.map(({ value }) => value as Database.Value);

  const { total } = db
    .prepare(
      `SELECT COUNT(*) AS total FROM ${query.from} WHERE ${where.join(
        ' AND ',
      )}`,
    )
    .get(...values) as { total: number };

  const [comparison, direction] =
    query.order === 'ascending' ? ['>', 'ASC'] : ['<', 'DESC'];
  if (query.cursor !== undefined) {
    where.push(`${query.key} ${comparison} ?`);
    values.push(decodeCursor(query.cursor));
  }
  const rows = db
    .prepare(
      `SELECT ${query.columns}, ${query.key} AS page_key FROM ${query.from}
       WHERE ${where.join(' AND ')}
       ORDER BY ${query.key} ${direction} LIMIT ?`,
    )
    .all(...values, query.limit + 1) as Array<T & { page_key?: string }>;

  const more = rows.length > query.limit;
  const items = more ? rows.slice(0, query.limit) : rows;
  const last = items[items.length - 1]?.page_key;
  return {
    items: items.map(item => {
      const { page_key: _, ...rest } = item;
      return rest as T;
    }),
    total,
    ...(more && last !== undefined && { nextCursor: encodeCursor(last) }),
  };
}

function encodeCursor(key: string): string {
  return Buffer.from(JSON.stringify({ after: key })).toString('base64url');
}

function decodeCursor(cursor: string): string {
  try {
    const { after } = JSON.parse(
      Buffer.from(cursor, 'base64url').toString('utf8'),
    );
    if (typeof after === 'string') {
      return after;
    }
  } catch {
    // Falls through to the one message for every bad cursor.
  }
  throw new CannotDo(
    'This cursor is not one that this tool gave. Leave cursor out to start at the first page.',
  );
}

/** `3 orders found.` or `80 orders found; 25 of them are on this page.` */
export function pageHeading(
  page: Page<unknown>,
  one: string,
  many: string,
): string {
  if (page.total === 0) {
    return `No ${many} found.`;
  }
  const found = `${page.total} ${page.total === 1 ? one : many} found`;
  return page.items.length < page.total
    ? `${found}; ${page.items.length} of them are on this page.`
    : `${found}.`;
}
