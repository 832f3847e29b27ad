import { formatDuration } from '@agentportal/plugin-agents-react';
import type { RunSummary } from '@agentportal/plugin-orchestration-common';
import type { OrchestrationTranslation } from '../translation';

/** A run that nobody has begun for so long has no worker, and one that takes so long is looked at. */
const LONG_IN_QUEUE_MS = 60_000;
const LONG_AT_WORK_MS = 15 * 60_000;

/** Seconds would tick, and say nothing here. */
const inMinutes = (ms: number) =>
  formatDuration(Math.floor(ms / 60_000) * 60_000);

/** What of a run is to catch the eye: that it goes on, waits for people, or seems to be stuck. */
export function attentionOf(
  run: RunSummary,
  now: number,
  t: OrchestrationTranslation,
): { at?: 'work' | 'person' | 'stuck'; words?: string } {
  switch (run.status) {
    case 'interrupted':
      return { at: 'person' };
    case 'queued': {
      const since = now - Date.parse(run.createdAt);
      return since > LONG_IN_QUEUE_MS
        ? {
            at: 'stuck',
            words: t('attention.noRoom', { duration: inMinutes(since) }),
          }
        : { at: 'work' };
    }
    case 'running': {
      const since = now - Date.parse(run.startedAt ?? run.createdAt);
      return since > LONG_AT_WORK_MS
        ? {
            at: 'stuck',
            words: t('attention.long', { duration: inMinutes(since) }),
          }
        : { at: 'work' };
    }
    default:
      return {};
  }
}
