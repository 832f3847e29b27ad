/** Whether a line begins or ends a block of code. */
export function isFence(line: string): boolean {
  const start = line.trimStart();
  return start.startsWith('```') || start.startsWith('~~~');
}

/** Whether there may be code in a text. */
export function hasFence(text: string): boolean {
  return text.includes('```') || text.includes('~~~');
}
