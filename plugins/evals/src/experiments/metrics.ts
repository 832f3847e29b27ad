/** What an experiment can be decided by. */
export const METRICS = [
  { id: 'failures', label: 'Fewer failed runs' },
  { id: 'feedback', label: 'More thumbs up' },
  { id: 'latency', label: 'Less time to answer' },
  { id: 'cost', label: 'Less cost' },
] as const;

/** Whether it differs by points; time and cost differ by percent. */
export function isShare(metric: (typeof METRICS)[number]['id']): boolean {
  return metric === 'failures' || metric === 'feedback';
}
