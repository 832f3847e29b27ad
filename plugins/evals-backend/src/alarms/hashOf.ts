/** FNV-1a of a short text, in one of so many buckets. */
export function hashOf(text: string, buckets: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0) % buckets;
}

/** In how many runs each hash was; a run has each once. */
export function timesSeen(runs: number[][]): Record<string, number> {
  const seen: Record<string, number> = {};
  for (const hash of runs.flat()) {
    seen[hash] = (seen[hash] ?? 0) + 1;
  }
  return seen;
}
