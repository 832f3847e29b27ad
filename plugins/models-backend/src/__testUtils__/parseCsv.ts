/**
 * Reads CSV as RFC 4180 has it and nothing else: lines end in CRLF, quotes only
 * around whole cells and doubled within. Anything else throws.
 */
export function parseCsv(text: string): Array<Record<string, string>> {
  const rows: string[][] = [[]];
  let at = 0;
  while (at < text.length) {
    let cell: string;
    if (text[at] === '"') {
      const found = /"((?:[^"]|"")*)"(?=,|\r\n|$)/y;
      found.lastIndex = at;
      const match = found.exec(text);
      if (!match) {
        throw new Error(`A quote is not closed at ${at}`);
      }
      cell = match[1].replace(/""/g, '"');
      at = found.lastIndex;
    } else {
      const found = /[^",\r\n]*(?=,|\r\n|$)/y;
      found.lastIndex = at;
      const match = found.exec(text);
      if (!match) {
        throw new Error(`A cell is not well formed at ${at}`);
      }
      cell = match[0];
      at = found.lastIndex;
    }
    rows.at(-1)!.push(cell);
    if (text[at] === ',') {
      at += 1;
    } else if (text.startsWith('\r\n', at)) {
      at += 2;
      if (at < text.length) {
        rows.push([]);
      }
    } else {
      throw new Error('The last line does not end');
    }
  }
  const [header, ...lines] = rows;
  return lines.map(line => {
    if (line.length !== header.length) {
      throw new Error(`A line has ${line.length} cells, not ${header.length}`);
    }
    return Object.fromEntries(header.map((name, i) => [name, line[i]]));
  });
}
