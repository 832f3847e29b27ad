/** Line and column, both from 1, of a place that Cedar gives in bytes. */
export function positionAt(
  text: string,
  bytes: number,
): { line: number; column: number } {
  const before = Buffer.from(text).subarray(0, bytes).toString();
  const lines = before.split('\n');
  return { line: lines.length, column: lines[lines.length - 1].length + 1 };
}
