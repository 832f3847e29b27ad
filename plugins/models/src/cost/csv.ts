const NUMBER = /^-?\d+(\.\d+)?$/;

/**
 * Rows as CSV after RFC 4180. Text that a spreadsheet would take for a formula
 * gets an apostrophe in front.
 */
export function toCsv(rows: ReadonlyArray<ReadonlyArray<string | number>>) {
  return rows.map(row => `${row.map(encode).join(',')}\r\n`).join('');
}

function encode(cell: string | number): string {
  const text = String(cell);
  const safe =
    /^[=+\-@\t\r\n]/.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}
