import {
  type AuditEntry,
  waitsForPeople,
  wasStopped,
} from '@agentportal/plugin-governance-common';

/** Entries beside each other that tell one thing. */
export interface EntryGroup {
  /** Of the newest of them, which stays when the group grows at its end. */
  id: string;
  /** The one that tells most. */
  lead: AuditEntry;
  /** The others, in their order. */
  others: AuditEntry[];
  /** What they have in common. */
  isOneRun: boolean;
}

/** Entries of one run belong together, and so does what somebody does again and again. */
function kindOf({ action, actor, outcome, runId }: AuditEntry): string {
  return JSON.stringify(runId ? [runId] : [actor.ref, action, outcome]);
}

/** What was refused or failed tells most of a run, then how it ended; what stopped with the run, nothing more. */
function weightOf(entry: AuditEntry): number {
  const { action, outcome } = entry;
  const isFault = outcome === 'denied' || outcome === 'failed';
  if (isFault && !wasStopped(entry) && !waitsForPeople(entry)) return 2;
  return action === 'orchestration.run-end' ? 1 : 0;
}

/** Lays together what follows each other and belongs together, so that a long log reads as what happened. */
export function foldEntries(entries: readonly AuditEntry[]): EntryGroup[] {
  const groups: AuditEntry[][] = [];
  for (const entry of entries) {
    const last = groups.at(-1);
    if (last && kindOf(last[0]) === kindOf(entry)) {
      last.push(entry);
    } else {
      groups.push([entry]);
    }
  }
  return groups.map(group => {
    const lead = group.reduce((best, entry) =>
      weightOf(entry) > weightOf(best) ? entry : best,
    );
    return {
      id: group[0].id,
      lead,
      others: group.filter(entry => entry !== lead),
      isOneRun: Boolean(lead.runId),
    };
  });
}
