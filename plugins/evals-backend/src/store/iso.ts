/** Milliseconds, as any database gives them, to ISO 8601 in UTC. */
export function iso(ms: number | string): string {
  return new Date(Number(ms)).toISOString();
}
