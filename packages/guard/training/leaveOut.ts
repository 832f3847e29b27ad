import { fit, logitOf, type Row } from './fit';

/** A row and what a model thinks of it that has not seen its group. */
export interface Judged {
  row: Row;
  value: number;
}

/** Judges each row by a model that was trained without the rows of its group. */
export function leaveOut(
  rows: Row[],
  groupOf: (row: Row) => string | number,
): Judged[] {
  const groups = [...new Set(rows.map(groupOf))].sort();
  return groups.flatMap((group, i) => {
    const model = fit(
      rows.filter(row => groupOf(row) !== group),
      i + 1,
    );
    return rows
      .filter(row => !row.isBlind && groupOf(row) === group)
      .map(row => ({ row, value: logitOf(model, row) }));
  });
}

/** The value that a share of rows exceeds. */
export function limitOf(judged: Judged[], share: number): number {
  const values = judged.map(({ value }) => value).sort((x, y) => y - x);
  return values[Math.floor(values.length * share)];
}

/** How many of each kind exceed a limit, as lines. */
export function report(
  judged: Judged[],
  limit: number,
  kindOf: (row: Row) => string,
): string[] {
  const kinds = new Map<string, { flagged: number; of: number }>();
  for (const { row, value } of judged) {
    const count = kinds.get(kindOf(row)) ?? { flagged: 0, of: 0 };
    count.flagged += Number(value > limit);
    count.of += 1;
    kinds.set(kindOf(row), count);
  }
  return [...kinds].map(
    ([kind, { flagged, of }]) =>
      `${kind}: ${((100 * flagged) / of).toFixed(1)} % of ${of}`,
  );
}
