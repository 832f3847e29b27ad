import fc from 'fast-check';

/** What is wrong, the smallest case in which it is, and the seed that shows it again. */
export function inWords<T>(details: fc.RunDetails<T>): string {
  const { errorInstance } = details;
  const what = errorInstance instanceof Error ? errorInstance.message : '';
  return `${what}\n${fc.defaultReportMessage(details)}`.trim();
}
