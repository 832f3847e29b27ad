import type { AlarmKind } from '@agentportal/plugin-evals-common';
import type { Rise } from './watchedRun';

/** What is worse, in a few words. */
export const TITLES: Record<AlarmKind, string> = {
  failures: 'Runs fail more often',
  refusals: 'Calls are refused in more runs',
  latency: 'Runs take longer',
  cost: 'Runs cost more',
  tokens: 'Runs use more tokens',
  paths: 'Tools are called in an unusual order',
  topics: 'Answers are about something else',
  calls: 'Tools that do more than read are called more often',
};

/** A rise in words: what, since when, how much, and what was usual. */
export function describeRise(kind: AlarmKind, rise: Rise): string {
  const { happened, runs, since, usual } = rise;
  const at = minuteOf(since);
  if (kind === 'calls') {
    const what = rise.isGrave
      ? 'Tools that reach outside or are critical are called more often'
      : TITLES[kind];
    return runs > 1
      ? `${what}: ${happened} times in the ${runs} hours from ${at}, where ${inTenths(
          usual,
        )} are usual.`
      : `${what}: ${happened} times in the hour from ${at}, where ${inTenths(
          usual,
        )} were usual at most.`;
  }
  return `${TITLES[kind]}: ${happened} of ${runs} ${did(
    kind,
    rise,
  )} since ${at}, where ${Number(
    (usual * 100).toPrecision(2),
  )} of 100 were usual at most.`;
}

function inTenths(count: number): number {
  return Math.ceil(count * 10) / 10;
}

/** A time in a sentence. */
export function minuteOf(at: number | string): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function did(kind: AlarmKind, { threshold = 0 }: Rise): string {
  switch (kind) {
    case 'failures':
      return 'failed';
    case 'refusals':
      return 'had a refused call';
    case 'latency':
      return `took longer than ${Number((threshold / 1_000).toPrecision(3))} s`;
    case 'tokens':
      return `used more than ${Math.round(threshold)} tokens`;
    case 'paths':
      return 'went from one tool to another as hardly any run did before';
    case 'topics':
      return 'used words that hardly any answer had before';
    default:
      return `cost more than ${Number((threshold / 1e9).toPrecision(3))} USD`;
  }
}
