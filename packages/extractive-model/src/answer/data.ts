import { LRUCache } from 'lru-cache';

/** A JSON object. */
export type Row = Record<string, unknown>;

/** What a tool gave back, told apart by its form. */
export type Data =
  | {
      kind: 'rows';
      rows: Row[];
      name?: string;
      total?: number;
      more: boolean;
    }
  | { kind: 'record'; row: Row }
  | { kind: 'prose'; text: string }
  /** `refused`: the portal did not let the call through. */
  | { kind: 'error'; message: string; refused?: boolean }
  | { kind: 'nothing' };

/** True for JSON objects. */
export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const DEEPEST = 12;
const MOST_ITEMS = 1_000;
const MOST_FIELDS = 200;
/** Longer results are looked at only so far; the answer says so. */
const MOST_CHARACTERS = 400_000;
const MOST_PROSE = 40_000;

/** Cuts what is nested too deep or too wide, so that everything after may walk the rest freely. */
function bounded(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return '…';
  if (Array.isArray(value))
    return value.slice(0, MOST_ITEMS).map(item => bounded(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, MOST_FIELDS)
      .map(([key, item]) => [key, bounded(item, depth + 1)]),
  );
}

function parse(text: string): unknown {
  const trimmed = text.trim();
  const open = trimmed.search(/[[{]/);
  if (open < 0 || trimmed.length > MOST_CHARACTERS) return undefined;
  const candidates = [
    trimmed,
    ...trimmed.split(/\n{2,}|\n(?=[[{])/).slice(0, 20),
    trimmed.slice(open),
  ];
  for (const candidate of candidates) {
    if (!/^[[{]/.test(candidate.trim())) continue;
    try {
      return bounded(JSON.parse(candidate));
    } catch {
      // the next candidate may be whole
    }
  }
  return undefined;
}

/** Opens MCP envelopes: structured content first, else the text parts. */
function unwrap(value: unknown): unknown {
  if (
    Array.isArray(value) &&
    value.length &&
    value.every(
      part =>
        isRow(part) && part.type === 'text' && typeof part.text === 'string',
    )
  ) {
    const text = value.map(part => part.text).join('\n\n');
    return parse(text) ?? text;
  }
  if (!isRow(value)) return value;
  if (isRow(value.structuredContent)) return value.structuredContent;
  if (
    Array.isArray(value.content) &&
    value.content.every(part => isRow(part) && typeof part.type === 'string')
  ) {
    const inner = unwrap(value.content);
    return value.isError === true ? { isError: true, message: inner } : inner;
  }
  const keys = Object.keys(value);
  if (
    keys.length === 1 &&
    /^(?:result|data|response|output)$/.test(keys[0]) &&
    typeof value[keys[0]] === 'object'
  )
    return value[keys[0]];
  return value;
}

function errorOf(row: Row): string | undefined {
  const said =
    row.isError === true ||
    row.error ||
    row.err ||
    (row.ok === false && row.message) ||
    row.success === false;
  if (!said) return undefined;
  const source = [row.error, row.err, row.message].find(
    item => item && item !== true,
  );
  if (isRow(source)) {
    // what is said in words, not the codes beside it
    const words = leavesOf(source);
    const reason = [source.message, ...[...words].map(leaf => leaf.value)].find(
      value => typeof value === 'string' && /\s/.test(value),
    );
    return String(reason ?? JSON.stringify(source));
  }
  return String(source ?? 'no reason given');
}

const FAILURE =
  /^\s*(?:error\b|failed\b|mcp error|tool .{0,60}(?:failed|not found|error)|exception\b|denied\b|forbidden\b|\w*Error:|not allowed|unauthorized|refused\b)/i;

/** How the portal says that a call may not be made: a sentence with the rule's id, or what is lacking. */
const REFUSAL =
  /[.!?] \([\w./-]{1,100}\)(?:$| Ask | \p{Lu})|\bhas no permission \(|\bis forbidden: |\bis not for agents: /u;
/** Ids of rules and permissions, which say nothing to people. */
const IDS = / \([\w-]+(?:[./][\w-]+)*\)/g;
const MOST_REFUSAL = 2_000;

const read = new LRUCache<string, Data>({ max: 64 });

/** A number, also one that is written as text. */
export const numberOf = (value: unknown): number | undefined => {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d{1,9}(?:\.\d{1,9})?$/.test(value)
    ? Number(value)
    : undefined;
};

/** True for objects whose keys are values too: all of one kind, and not named as fields are. */
function isMap(row: Row): boolean {
  const items = Object.values(row);
  if (items.length < 2) return false;
  return (
    items.every(isRow) ||
    ((items.every(item => numberOf(item) !== undefined) ||
      items.every(Array.isArray)) &&
      Object.keys(row).every(key => /[\d-]/.test(key)))
  );
}

const asRows = (map: Row, name: string): Row[] =>
  Object.entries(map).map(([key, item]) =>
    isRow(item) ? { key, ...item } : { key, [name]: item },
  );

/** Lists, and objects whose members are of one kind, within a record: what a question about several things looks at. */
export function tablesWithin(
  row: Row,
  depth = 0,
): Extract<Data, { kind: 'rows' }>[] {
  return Object.entries(row).flatMap(([name, value]) => {
    const rows = (list: Row[]) => [
      { kind: 'rows' as const, rows: list, name, more: false },
    ];
    if (Array.isArray(value))
      return value.length > 1 &&
        value.every(item => isRow(item) || Array.isArray(item))
        ? rows(value.map(rowOf))
        : [];
    if (!isRow(value) || depth > 3) return [];
    const items = Object.values(value);
    const alike =
      items.length > 1 &&
      (items.every(item => numberOf(item) !== undefined) || items.every(isRow));
    return alike ? rows(asRows(value, name)) : tablesWithin(value, depth + 1);
  });
}

/** What is no record becomes one: a list its places, a single value itself. */
function rowOf(item: unknown): Row {
  if (isRow(item)) return item;
  return Array.isArray(item)
    ? Object.fromEntries(item.map((value, place) => [String(place + 1), value]))
    : { value: item };
}

/** Reads the text that a tool gave back. */
export function readData(text: string): Data {
  let data = read.get(text);
  if (!data) read.set(text, (data = dataOf(text)));
  return data;
}

function dataOf(text: string): Data {
  if (!text.trim()) return { kind: 'nothing' };
  const value = unwrap(parse(text));
  if (value === undefined || typeof value === 'string') {
    const prose = typeof value === 'string' ? value : text;
    if (prose.length < MOST_REFUSAL && REFUSAL.test(prose))
      return { kind: 'error', message: prose.replace(IDS, ''), refused: true };
    return FAILURE.test(prose)
      ? {
          kind: 'error',
          message: prose
            .replace(/^\s*(?:mcp )?error:?\s*/i, '')
            .trim()
            .slice(0, 600),
        }
      : {
          kind: 'prose',
          text:
            prose.length > MOST_PROSE
              ? `${prose.slice(
                  0,
                  MOST_PROSE,
                )}\n\n(Only the first ${MOST_PROSE} of ${
                  prose.length
                } characters were read.)`
              : prose,
        };
  }
  if (Array.isArray(value)) return fromArray(value, {});
  if (!isRow(value)) return { kind: 'prose', text: String(value) };
  const failure = errorOf(value);
  if (failure !== undefined) return { kind: 'error', message: failure };
  const lists = Object.entries(value).filter(
    (entry): entry is [string, unknown[]] => Array.isArray(entry[1]),
  );
  const others = Object.entries(value).filter(
    ([, item]) => !Array.isArray(item),
  );
  // a page of results: one list, and beside it only counts, cursors and echoes of the question
  const paging = others.filter(
    ([key, item]) =>
      item === null ||
      typeof item !== 'object' ||
      /page|paging|pagination|filter|query|meta/i.test(key),
  );
  const identity = others.some(
    ([key, item]) =>
      /^(?:id|name|title|number|code|sku|key)$|(?:Id|_id|Number|_number)$/.test(
        key,
      ) && typeof item === 'string',
  );
  if (lists.length === 1 && paging.length === others.length && !identity) {
    return fromArray(lists[0][1], Object.fromEntries(others), lists[0][0]);
  }
  if (!Object.keys(value).length) return { kind: 'nothing' };
  // a map is a table whose first column is its keys: { "2026-07-01": 1204.5, … }
  const maps = others.filter((entry): entry is [string, Row] =>
    isRow(entry[1]),
  );
  if (maps.length === 1 && !lists.length && isMap(maps[0][1]))
    return fromArray(asRows(maps[0][1], maps[0][0]), {}, maps[0][0]);
  if (isMap(value) && (maps.length === others.length || !maps.length))
    return fromArray(asRows(value, 'value'), {});
  if (others.length === 1 && !lists.length && isRow(others[0][1]))
    return { kind: 'record', row: others[0][1] };
  return { kind: 'record', row: value };
}

function fromArray(items: unknown[], around: Row, name?: string): Data {
  const rows = items.map(rowOf);
  const total = Object.entries(around).find(
    ([key, value]) =>
      /^(?:total|total_?(?:items|count|results|rows)?|count|found|matches)$/i.test(
        key,
      ) && typeof value === 'number',
  );
  const more = Object.entries(around).some(
    ([key, value]) =>
      (/cursor|next/i.test(key) && Boolean(value)) ||
      (/has_?more|truncated/i.test(key) && value === true),
  );
  return {
    kind: 'rows',
    rows,
    ...(name &&
    !/^(?:items|results|data|rows|records|entries|value)$/i.test(name)
      ? { name }
      : {}),
    ...(total ? { total: total[1] as number } : {}),
    more: more || (total !== undefined && (total[1] as number) > rows.length),
  };
}

/** One value inside a record, with the way to it. */
export interface Field {
  path: string[];
  value: unknown;
}

/** The single values of a record, nested objects opened; lists stay whole. */
export function fieldsOf(row: Row, path: string[] = []): Field[] {
  return Object.entries(row).flatMap(([key, value]) => {
    if (value === null || value === undefined || value === '') return [];
    const here = [...path, key];
    return isRow(value) && path.length < 4
      ? fieldsOf(value, here)
      : [{ path: here, value }];
  });
}

/** True for days, moments and times of day. */
export const isTime = (value: unknown) =>
  typeof value === 'string' &&
  /^(?:\d{4}-\d{2}(?:-\d{2})?(?:[T ]|$)|\d{1,2}:\d{2})/.test(value);

/** A value of a row by the dotted path of its column. */
export const cellOf = (row: Row, column: string) =>
  Object.hasOwn(row, column)
    ? row[column]
    : column
        .split('.')
        .reduce<unknown>(
          (value, key) => (value as Row | undefined)?.[key],
          row,
        );

/** The columns of rows whose every value is a single one, nested ones by their dotted path. */
export function columnsOf(rows: Row[]): string[] {
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

/** Every single value anywhere in the data, lists included. */
export function* leavesOf(
  value: unknown,
  path: string[] = [],
): Generator<Field> {
  if (Array.isArray(value)) {
    for (const item of value) yield* leavesOf(item, path);
  } else if (isRow(value)) {
    for (const [key, item] of Object.entries(value))
      yield* leavesOf(item, [...path, key]);
  } else if (value !== null && value !== undefined) {
    yield { path, value };
  }
}
