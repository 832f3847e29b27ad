import type { StatusTone } from '@agentportal/plugin-agents-react';
import type { KeyState, KeySummary } from '@agentportal/plugin-models-common';

/** A state of a key in words, and the shape that goes with it. */
export const STATES: Record<KeyState, { label: string; tone: StatusTone }> = {
  active: { label: 'Active', tone: 'good' },
  expiring: { label: 'Expires soon', tone: 'attention' },
  expired: { label: 'Expired', tone: 'bad' },
  revoked: { label: 'Revoked', tone: 'off' },
};

/** "fake/good and 2 more"; what a key may call, in one line. */
export function modelWords(models: string[]): string {
  if (models[0] === '*') return 'All models';
  const [first, ...rest] = models;
  return rest.length === 0 ? first : `${first} and ${rest.length} more`;
}

/** Whether programs may still call with it. */
export function counts(key: KeySummary): boolean {
  return key.state === 'active' || key.state === 'expiring';
}

/** What may be chosen as the life of a key, in days. */
export const LIVES = [
  { days: 7, label: 'In 7 days' },
  { days: 30, label: 'In 30 days' },
  { days: 90, label: 'In 90 days' },
  { days: 180, label: 'In 180 days' },
  { days: 365, label: 'In a year' },
];

export const DEFAULT_LIFE_DAYS = 90;

/** How long an older secret stays good. */
export const OVERLAPS = [
  { seconds: 0, label: 'End it now' },
  { seconds: 3_600, label: 'For another hour' },
  { seconds: 86_400, label: 'For another day' },
  { seconds: 604_800, label: 'For another week' },
];

export const DEFAULT_OVERLAP_SECONDS = 86_400;

/** The moment so many days from now, as the API takes it. */
export function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString();
}

const ACTIONS: Record<string, string> = {
  created: 'Made',
  updated: 'Changed',
  rotated: 'New secret',
  revoked: 'Revoked',
};

/** What was done with a key. */
export function actionWords(action: string): string {
  return ACTIONS[action] ?? action;
}
