import type { ActionBinding } from '@agentportal/plugin-agents-common';
import { ConflictError, InputError, NotAllowedError } from '@backstage/errors';
import type { JsonObject } from '@backstage/types';
import { randomUUID } from 'node:crypto';
import {
  type ApprovalRecord,
  type Decider,
  inWords,
  type ListedApproval,
  type Requirement,
  type StoredDecision,
} from './ApprovalRecord';
import { changesInWords } from './callInWords';
import { countApprovals, type Seat } from './quorum';

const MAX_MESSAGES = 100;

/** Those approvals that are about what is asked now. */
export function standing({ digest, details }: ListedApproval) {
  return details.decisions.filter(
    each => each.decision === 'approve' && each.digest === digest,
  );
}

/** How many of those that are needed have approved. */
export function approvalsOf(record: ListedApproval): number {
  return countApprovals(
    standing(record).map(seatOfDecision),
    record.details.requirement.differentGroups,
  );
}

function seatOfDecision({ by, inPlaceOf, refs }: StoredDecision): Seat {
  return { person: inPlaceOf ?? by, refs };
}

/** What somebody may stand for in a request, or why they may not decide it. */
export function seatFor(
  record: ListedApproval,
  decider: Decider,
): { seat: Seat } | { refusal: string } {
  const { excluded, requirement } = record.details;
  if (record.status !== 'pending') {
    return {
      refusal: record.details.outcome ?? `It is ${record.status} already.`,
    };
  }
  if (excluded.includes(decider.ref)) {
    return {
      refusal: `You asked for this, or it is done for you, so somebody else decides. Asked: ${inWords(
        requirement.refs,
      )}.`,
    };
  }
  const taken = new Set(
    standing(record).flatMap(({ by, inPlaceOf }) => [by, inPlaceOf]),
  );
  if (taken.has(decider.ref)) {
    return {
      refusal: `You have approved it. ${approvalsOf(record)} of ${
        requirement.quorum
      } who are needed have.`,
    };
  }
  for (const { person, refs } of decider.capacities) {
    const own = requirement.refs.filter(ref => refs.includes(ref));
    // Whoever must not decide themselves has no deputy for it either.
    if (own.length && !excluded.includes(person) && !taken.has(person)) {
      return { seat: { person, refs: own } };
    }
  }
  return {
    refusal: `You were not asked to decide this. Asked: ${inWords(
      requirement.refs,
    )}.`,
  };
}

/** As it is when its time is over: handed on once where the matrix says so, else expired. */
export function settle(record: ApprovalRecord, now: number): ApprovalRecord {
  if (record.status !== 'pending' || record.expiresAt > now) {
    return record;
  }
  const { requirement, escalatedAt } = record.details;
  if (
    requirement.onExpiry === 'escalate' &&
    escalatedAt === undefined &&
    requirement.escalateTo.length
  ) {
    return {
      ...record,
      expiresAt: now + requirement.expiresAfterMs,
      details: {
        ...record.details,
        escalatedAt: now,
        requirement: {
          ...requirement,
          refs: [...new Set([...requirement.refs, ...requirement.escalateTo])],
        },
      },
    };
  }
  return close(record, 'expired', now, {
    outcome: `Nobody decided in time: ${inWords(requirement.refs)} ${
      requirement.refs.length === 1 ? 'was' : 'were'
    } asked. Ask again if it is still needed.`,
  });
}

/** What a decision is about. */
export interface DecisionRequest {
  decision: 'approve' | 'reject';
  /** Of what was read. */
  digest: string;
  reason?: string;
  /** What is approved in place of what was asked, with who decides about that. */
  edit?: {
    binding: ActionBinding;
    digest: string;
    title: string;
    requirement: Requirement;
  };
  now: number;
  /** How long the grant is good. */
  grantMs: number;
}

/**
 * As it is after somebody has decided.
 *
 * @throws NotAllowedError when they may not; ConflictError when it is not any more what
 *   they have read
 */
export function decide(
  before: ApprovalRecord,
  decider: Decider,
  request: DecisionRequest,
): ApprovalRecord {
  const { now, reason, edit } = request;
  requirePending(before, request.digest, now);
  if (edit && request.decision === 'reject') {
    throw new InputError('Other arguments go with an approval only.');
  }
  const record =
    edit && edit.digest !== before.digest ? edited(before, edit) : before;
  const found = seatFor(record, decider);
  if ('refusal' in found) {
    throw new NotAllowedError(
      record === before
        ? found.refusal
        : `With these arguments others decide. ${found.refusal}`,
    );
  }
  if (record.kind === 'question') {
    throw new InputError('This is a question. Answer its form.');
  }
  const { person, refs } = found.seat;
  const made: StoredDecision = {
    by: decider.ref,
    ...(person !== decider.ref && { inPlaceOf: person }),
    at: now,
    decision: request.decision,
    digest: record.digest,
    refs: [...refs],
    ...(reason && { reason }),
    ...(record !== before && { edited: true }),
  };
  if (request.decision === 'reject') {
    if (!reason) {
      throw new InputError('Give a reason: whoever asked reads it.');
    }
    return close(withDecision(before, made), 'rejected', now, {
      outcome: `${decider.ref} rejected it: ${reason}`,
    });
  }
  const next = withDecision(
    record === before
      ? record
      : {
          ...record,
          details: { ...record.details, editedBy: decider.ref },
        },
    made,
  );
  return approvalsOf(next) >= next.details.requirement.quorum
    ? approved(next, now, request.grantMs)
    : next;
}

/**
 * As it is after somebody on call let it pass alone.
 *
 * @throws NotAllowedError when they may not; ConflictError when it has changed
 */
export function breakGlass(
  record: ApprovalRecord,
  decider: Decider,
  request: DecisionRequest,
): ApprovalRecord {
  const { now, reason, digest } = request;
  requirePending(record, digest, now);
  const refusal = whyNotBreakGlass(record, decider);
  if (refusal) {
    throw new NotAllowedError(refusal);
  }
  if (!reason) {
    throw new InputError('Give a reason: everybody concerned reads it.');
  }
  if (request.edit || request.decision !== 'approve') {
    throw new InputError(
      'In an emergency a call passes as it was asked for, or not at all.',
    );
  }
  const next = withDecision(record, {
    by: decider.ref,
    at: now,
    decision: 'approve',
    digest: record.digest,
    refs: [],
    reason,
    brokenGlass: true,
  });
  return approved(
    { ...next, details: { ...next.details, brokenGlassBy: decider.ref } },
    now,
    request.grantMs,
  );
}

/** Why somebody may not let it pass alone; undefined when they may. */
export function whyNotBreakGlass(
  record: ApprovalRecord,
  decider: Decider,
): string | undefined {
  if (record.status !== 'pending' || record.kind !== 'tool-call') {
    return 'Only a call that waits can be let pass in an emergency.';
  }
  if (!decider.onCall) {
    return 'Only people on call may let a call pass alone, in an emergency.';
  }
  return record.details.excluded.includes(decider.ref)
    ? 'You asked for this, or it is done for you, so somebody else decides, in an emergency too.'
    : undefined;
}

/** As it is when somebody has answered it. */
export function answer(
  record: ApprovalRecord,
  decider: Decider,
  values: JsonObject,
  now: number,
): ApprovalRecord {
  requirePending(record, record.digest, now);
  if (record.kind !== 'question') {
    throw new InputError('This is no question. Approve it or reject it.');
  }
  const found = seatFor(record, decider);
  if ('refusal' in found) {
    throw new NotAllowedError(found.refusal);
  }
  const { person, refs } = found.seat;
  const next = withDecision(record, {
    by: decider.ref,
    ...(person !== decider.ref && { inPlaceOf: person }),
    at: now,
    decision: 'answer',
    digest: record.digest,
    refs: [...refs],
  });
  return close(next, 'answered', now, {
    values,
    outcome: `${decider.ref} answered.`,
  });
}

/** As it is when it is taken back; what is decided stays. */
export function withdraw(
  record: ApprovalRecord,
  by: string,
  reason: string | undefined,
  now: number,
): ApprovalRecord {
  return record.status === 'pending'
    ? close(record, 'withdrawn', now, {
        outcome: `${by} took it back${reason ? `: ${reason}` : '.'}`,
      })
    : record;
}

/** As it is with one more message. */
export function addMessage(
  record: ApprovalRecord,
  by: string,
  text: string,
  now: number,
): ApprovalRecord {
  const { messages } = record.details;
  if (record.status !== 'pending') {
    throw new ConflictError('It waits no more, so nothing is added to it.');
  }
  if (messages.length >= MAX_MESSAGES) {
    throw new InputError(
      `There are ${MAX_MESSAGES} messages already. Decide, or talk elsewhere.`,
    );
  }
  return {
    ...record,
    details: {
      ...record.details,
      messages: [...messages, { by, at: now, text }],
    },
  };
}

/** Why a grant is not good for a call; undefined when it is. */
export function whyNotRedeem(
  record: ApprovalRecord,
  call: { digest: string; jti: string; runId?: string },
  now: number,
): string | undefined {
  if (record.kind !== 'tool-call' || record.status !== 'approved') {
    return `The request ${record.id} is ${record.status}, so there is no grant to use.`;
  }
  if (record.grantJti !== call.jti || record.digest !== call.digest) {
    return 'What was approved is another call. Ask again.';
  }
  if (record.runId !== call.runId) {
    return 'What was approved is a call of another run. Ask again in this one.';
  }
  return (record.grantExpiresAt ?? 0) <= now
    ? 'The approval was not used in time. Ask again.'
    : undefined;
}

/** What is pending by its row, and still is by the clock. */
function requirePending(record: ApprovalRecord, digest: string, now: number) {
  if (record.status !== 'pending') {
    throw new ConflictError(
      record.details.outcome ?? `It is ${record.status} already.`,
    );
  }
  if (record.expiresAt <= now) {
    throw new ConflictError('Its time is over. Read it again.');
  }
  if (record.digest !== digest) {
    throw new ConflictError(
      'Somebody has changed it since you have read it. Read it again.',
    );
  }
}

function edited(
  record: ApprovalRecord,
  edit: NonNullable<DecisionRequest['edit']>,
): ApprovalRecord {
  const { binding, requestedArgs, requirement } = record.details;
  return {
    ...record,
    digest: edit.digest,
    details: {
      ...record.details,
      binding: edit.binding,
      title: edit.title,
      requestedArgs: requestedArgs ?? (binding?.args as JsonObject),
      // Whoever was asked before still sees what becomes of it.
      concerned: [...(record.details.concerned ?? []), ...requirement.refs],
      // Those whom it was handed on to may still decide.
      requirement: {
        ...edit.requirement,
        refs:
          record.details.escalatedAt === undefined
            ? edit.requirement.refs
            : [
                ...new Set([
                  ...edit.requirement.refs,
                  ...requirement.escalateTo,
                ]),
              ],
      },
    },
  };
}

function approved(
  record: ApprovalRecord,
  now: number,
  grantMs: number,
): ApprovalRecord {
  const { binding, brokenGlassBy, editedBy, requestedArgs } = record.details;
  const who = inWords(standing(record).map(({ by }) => by));
  const how = brokenGlassBy
    ? `${brokenGlassBy} let it pass alone, in an emergency`
    : `${who} approved it`;
  const changes =
    requestedArgs && binding
      ? ` ${changesInWords(requestedArgs, binding.args as JsonObject)}`
      : '';
  const closed = close(record, 'approved', now, {
    outcome:
      editedBy && editedBy !== who
        ? `${how}${changes}, as ${editedBy} changed it.`
        : `${how}${changes}.`,
  });
  return record.kind === 'tool-call'
    ? { ...closed, grantJti: randomUUID(), grantExpiresAt: now + grantMs }
    : closed;
}

function withDecision(
  record: ApprovalRecord,
  decision: StoredDecision,
): ApprovalRecord {
  return {
    ...record,
    details: {
      ...record.details,
      decisions: [...record.details.decisions, decision],
    },
  };
}

function close(
  record: ApprovalRecord,
  status: ApprovalRecord['status'],
  now: number,
  details: Partial<ApprovalRecord['details']>,
): ApprovalRecord {
  return {
    ...record,
    status,
    closedAt: now,
    details: { ...record.details, ...details },
  };
}
