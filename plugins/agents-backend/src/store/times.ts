/** Milliseconds, as any database gives them. */
export type StoredTime = number | string;

/** To ISO 8601 in UTC. */
export function iso(ms: StoredTime): string {
  return new Date(Number(ms)).toISOString();
}

/** The same for a column that may be empty. */
export function isoIf(ms: StoredTime | null): string | undefined {
  return ms === null ? undefined : iso(ms);
}
