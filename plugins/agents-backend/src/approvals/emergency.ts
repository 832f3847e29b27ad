import { NotAllowedError } from '@backstage/errors';
import { randomUUID } from 'node:crypto';
import type { AgentsConfig } from '../config';
import { type ApprovalRecord, inWords } from './ApprovalRecord';
import type { ApprovalLists } from './ApprovalLists';
import type { ApprovalStore } from './ApprovalStore';

/** How long a call that was not reviewed, or was found wrong, is held against somebody. */
const BLAMED_DAYS = 92;

/**
 * A place in the quota of this quarter, for whoever has had theirs reviewed.
 *
 * @throws NotAllowedError
 */
export async function requireQuota(
  { store, lists }: { store: ApprovalStore; lists: ApprovalLists },
  config: AgentsConfig['approvals'],
  by: string,
  now: number,
): Promise<{ quarter: string; number: number }> {
  const { perQuarter } = config.breakGlass!;
  const quarter = quarterOf(now);
  const used = await store.breaksIn(quarter);
  if (used >= perQuarter) {
    throw new NotAllowedError(
      `Calls were let pass alone ${used} times in this quarter, which is as often as it may be. Ask ${inWords(
        config.escalateTo,
      )}.`,
    );
  }
  const unreviewed = await lists.count({
    kind: ['review'],
    status: ['expired', 'rejected'],
    party: { refs: [by], role: 'requester' },
    closedSince: now - BLAMED_DAYS * 86_400_000,
  });
  if (unreviewed) {
    throw new NotAllowedError(
      `A call that you let pass alone was not reviewed in time, or was found wrong, so you may not do it again for ${BLAMED_DAYS} days.`,
    );
  }
  return { quarter, number: used + 1 };
}

/** The look that others take at a call that somebody let pass alone. */
export function reviewOf(
  record: ApprovalRecord,
  by: string,
  config: AgentsConfig['approvals'],
  now: number,
): ApprovalRecord {
  const { details } = record;
  const { reviewMs } = config.breakGlass!;
  return {
    ...record,
    id: randomUUID(),
    requestKey: `review:${record.id}`,
    kind: 'review',
    status: 'pending',
    requestedBy: by,
    // It is about what this one did, not about the one for whom it was done.
    personRef: undefined,
    createdAt: now,
    expiresAt: now + reviewMs,
    closedAt: undefined,
    grantJti: undefined,
    grantExpiresAt: undefined,
    revision: 0,
    details: {
      ...details,
      title: `${by} let pass alone: ${details.title}`,
      reason: `Was it right? ${by} said: ${
        details.decisions.find(({ brokenGlass }) => brokenGlass)?.reason
      }`,
      outcome: undefined,
      reviewOf: record.id,
      excluded: [...new Set([by, ...details.excluded])],
      decisions: [],
      messages: [],
      requirement: {
        refs: [...new Set([...details.requirement.refs, ...config.escalateTo])],
        quorum: 1,
        differentGroups: false,
        expiresAfterMs: reviewMs,
        onExpiry: 'reject',
        escalateTo: config.escalateTo,
      },
    },
  };
}

/** Such as `2026-Q4`, in UTC. */
export function quarterOf(now: number): string {
  const date = new Date(now);
  return `${date.getUTCFullYear()}-Q${Math.floor(date.getUTCMonth() / 3) + 1}`;
}
