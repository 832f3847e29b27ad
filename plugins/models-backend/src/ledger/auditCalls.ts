import {
  type AttemptOutcome,
  type AttemptStart,
  type CallLedger,
  inputTokens,
  outputTokens,
} from '@agentportal/model-gateway';
import type { AuditLog } from '@agentportal/plugin-agents-node';
import type { AuditRecord } from '@agentportal/plugin-governance-common';
import { actorOf } from './actorOf';

/**
 * A ledger that tells the audit log of each call that has ended. What was said in it is
 * not told.
 */
export function auditCalls(inner: CallLedger, log: AuditLog): CallLedger {
  const open = new Map<string, AttemptStart>();
  return {
    ...(inner.isLimited && {
      isLimited: (account, model) => inner.isLimited!(account, model),
    }),
    ...(inner.isBudgeted && {
      isBudgeted: (account, model) => inner.isBudgeted!(account, model),
    }),
    async open(start) {
      const opened = await inner.open(start);
      open.set(start.id, start);
      return opened;
    },
    async settle(id, outcome) {
      await inner.settle(id, outcome);
      const start = open.get(id);
      if (open.delete(id) && start) {
        await log.note(toRecord(start, outcome));
      }
    },
  };
}

function toRecord(start: AttemptStart, outcome: AttemptOutcome): AuditRecord {
  const { errorCode, status } = outcome;
  const reason = status === 'succeeded' ? start.reason : causeOf(outcome);
  return {
    time: new Date(start.createdAt).toISOString(),
    type: 'model-call',
    action: 'model.call',
    ...actorOf(start.account),
    resource: start.model,
    outcome: status === 'succeeded' ? 'succeeded' : 'failed',
    ...(reason && { reason: reason.slice(0, 4_000) }),
    data: {
      callId: start.callId,
      attempt: start.attempt,
      costNanoUsd: outcome.costNanoUsd,
      inputTokens: inputTokens(outcome.usage),
      outputTokens: outputTokens(outcome.usage),
      durationMs: Math.round(outcome.durationMs),
      ...(start.route && { route: start.route }),
      ...(start.reason &&
        reason !== start.reason && { chosen: start.reason.slice(0, 4_000) }),
      ...(errorCode && { errorCode }),
      ...(status === 'cancelled' && { cancelled: true }),
    },
  };
}

/** Why a call has no answer. A provider that refuses may repeat what it was asked. */
function causeOf({ errorCode, errorMessage }: AttemptOutcome) {
  return errorCode === 'provider_refused_request'
    ? 'The provider refused the request.'
    : errorMessage;
}
