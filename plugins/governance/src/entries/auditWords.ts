import {
  type AuditEntry,
  type AuditOutcome,
  type AuditType,
  waitsForPeople,
  wasStopped,
} from '@agentportal/plugin-governance-common';
import type { StatusTone } from '@agentportal/plugin-agents-react';

/** What kinds of entries are called. */
export const TYPES: Record<AuditType, string> = {
  decision: 'Decision',
  'model-call': 'Model call',
  'tool-call': 'Tool call',
  credential: 'Credential',
  delegation: 'Delegation',
  'policy-change': 'Policy',
  'entity-change': 'Catalog change',
  approval: 'Approval',
  guard: 'Guard',
  run: 'Run',
  other: 'Other',
};

/** How things came out, as a word, a shape and a colour. */
export const OUTCOMES: Record<
  AuditOutcome,
  { label: string; tone: StatusTone }
> = {
  allowed: { label: 'Allowed', tone: 'good' },
  denied: { label: 'Refused', tone: 'attention' },
  started: { label: 'Began', tone: 'waiting' },
  succeeded: { label: 'Succeeded', tone: 'good' },
  failed: { label: 'Failed', tone: 'bad' },
};

/** How an entry came out, for a mark. */
export function outcomeOf(entry: Pick<AuditEntry, 'outcome' | 'data'>): {
  status: string;
  label: string;
  tone: StatusTone;
} {
  if (waitsForPeople(entry)) {
    return {
      status: 'interrupted',
      label: 'Waits for people',
      tone: 'waiting',
    };
  }
  return wasStopped(entry)
    ? { status: 'cancelled', label: 'Stopped', tone: 'off' }
    : { status: entry.outcome, ...OUTCOMES[entry.outcome] };
}

/** How long entries are kept. */
export const RETENTION: Record<string, string> = {
  standard: 'For the standard time',
  extended: 'For the extended time',
};
