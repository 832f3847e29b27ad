/** A value of a cell; nothing is an empty cell, which stands for null. */
export type Cell = string | number | undefined;

/**
 * One line of CSV after RFC 4180. Text that a spreadsheet would take for a formula
 * gets an apostrophe in front; amounts are never taken for text, because they
 * come as plain decimal numbers.
 */
export function csvLine(cells: Cell[]): string {
  return `${cells.map(encode).join(',')}\r\n`;
}

const NUMBER = /^-?\d+(\.\d+)?$/;

function encode(cell: Cell): string {
  if (cell === undefined || cell === '') {
    return '';
  }
  const text = String(cell);
  const safe =
    /^[=+\-@\t\r\n]/.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}
