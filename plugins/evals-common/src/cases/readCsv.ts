import { CaseFormatError } from './CaseFormatError';

/** Columns whose cells are lists; entries are parted by `|`. */
const LISTS = ['facts', 'asks', 'also', 'may', 'tags', 'turns'];
const FLAGS = ['whole', 'decline'];
/** Columns whose cells are JSON. */
const OBJECTS = ['arguments', 'calls', 'answers', 'checks'];
const TEXTS = ['id', 'ask', 'tool', 'origin'];

/**
 * Reads CSV (RFC 4180) with a line of names: `id,ask,facts,tool,arguments,…`. In lists, `|`
 * parts entries and `/` between spaces the spellings of one; without `id` cases are numbered.
 */
export function readCsv(text: string): unknown[] {
  const [head, ...rows] = splitCsv(text.replace(/^\uFEFF/, ''));
  if (!head) {
    return [];
  }
  const names = head.map(name => name.trim());
  const unknown = names.find(
    name => ![...LISTS, ...FLAGS, ...OBJECTS, ...TEXTS].includes(name),
  );
  if (unknown !== undefined) {
    throw new CaseFormatError(
      `The column "${unknown.slice(0, 100)}" is not known. Columns are ${[
        ...TEXTS,
        ...LISTS,
        ...FLAGS,
        ...OBJECTS,
      ].join(', ')}.`,
    );
  }
  return rows.map((cells, index) => {
    const row = Object.fromEntries(
      names.flatMap((name, column) => {
        const cell = cells[column]?.trim() ?? '';
        return cell ? [[name, valueOf(name, cell, index)]] : [];
      }),
    );
    return { id: `case-${index + 1}`, ...row };
  });
}

function valueOf(name: string, cell: string, index: number): unknown {
  if (FLAGS.includes(name)) {
    return /^(true|yes|1|x)$/i.test(cell);
  }
  if (LISTS.includes(name)) {
    const isFact = name === 'facts' || name === 'asks';
    return cell
      .split('|')
      .map(entry => entry.trim())
      .filter(Boolean)
      .map(entry => {
        const spellings = entry.split(' / ').map(each => each.trim());
        return isFact && spellings.length > 1 ? spellings : entry;
      });
  }
  if (OBJECTS.includes(name)) {
    try {
      return JSON.parse(cell);
    } catch {
      throw new CaseFormatError(`Case ${index + 1}: ${name}: is not JSON.`);
    }
  }
  return name === 'tool' && cell.includes('|')
    ? cell.split('|').map(each => each.trim())
    : cell;
}

/** Cells of each line; empty lines are left out. */
function splitCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  const endRow = () => {
    row.push(cell);
    if (row.some(each => each.trim())) {
      rows.push(row);
    }
    row = [];
    cell = '';
  };
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (quoted) {
      if (sign !== '"') {
        cell += sign;
      } else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else {
        quoted = false;
      }
    } else if (sign === '"' && !cell.trim()) {
      cell = '';
      quoted = true;
    } else if (sign === ',') {
      row.push(cell);
      cell = '';
    } else if (sign === '\n') {
      endRow();
    } else if (sign !== '\r') {
      cell += sign;
    }
  }
  if (quoted) {
    throw new CaseFormatError('A quoted cell does not end.');
  }
  endRow();
  return rows;
}
