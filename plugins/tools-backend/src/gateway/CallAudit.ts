import { describeFinding, GUARD_VERSION } from '@agentportal/guard';
import type { Decision } from '@agentportal/plugin-agents-common';
import type { AuditLog } from '@agentportal/plugin-agents-node';
import type { RehearsedCall } from '@agentportal/plugin-tools-common';
import type { AuditRecord } from '@agentportal/plugin-governance-common';
import type { GuardVerdict } from '../guard/ResultGuard';
import type { ToolRecord } from '../registry/records';
import type { Caller } from './Caller';

/** Tiers of which the log knows before the tool does: no log, no action. */
const TOLD_BEFORE: ReadonlySet<string> = new Set(['external', 'critical']);

/** A call, as the audit log is told of it. */
export interface AuditedCall {
  callId: string;
  caller: Caller;
  tool: ToolRecord;
  argsDigest: string;
  /** The last that was decided about it. */
  decision: CallDecision;
  /** Which people have approved it, or were asked. */
  approval?: {
    id: string;
    digest: string;
    approvers?: string[];
    /** What had become of the request when the call was not made. */
    status?: string;
  };
  /** What the guard found in what the tool returned. */
  guard?: GuardVerdict[];
  /** Present in a rehearsal; how the call was answered when the tool was left alone. */
  rehearsal?: Partial<RehearsedCall>;
}

/** By what a call was decided. */
export type CallDecision = Decision & {
  /** Rules that would refuse, but only write it down. */
  logOnly?: Array<{ ruleId: string }>;
  /** Of the rules that were asked. */
  rulesVersion?: string;
};

/**
 * Tells the audit log of calls. What a call was given is not told, only its digest: it
 * may hold anything, and the log keeps it for years.
 */
export class CallAudit {
  readonly #log: AuditLog;

  constructor(log: AuditLog) {
    this.#log = log;
  }

  /** Before the tool is called. @throws ServiceUnavailableError */
  async begins(call: AuditedCall): Promise<void> {
    if (TOLD_BEFORE.has(call.tool.riskTier) || call.approval) {
      await this.#log.record({
        ...factsOf(call),
        outcome: 'started',
        reason: call.decision.reason,
      });
    }
  }

  /** When the tool was not called. */
  async refused(
    call: AuditedCall,
    errorCode: string,
    reason: string,
  ): Promise<void> {
    await this.#log.note({
      ...factsOf(call),
      outcome: errorCode === 'denied' ? 'denied' : 'failed',
      reason: reason.slice(0, 4_000),
      data: { ...dataOf(call), errorCode },
    });
  }

  /** When the tool has answered, or has not. */
  async ended(
    call: AuditedCall,
    ending: { errorCode?: string; failure?: string; durationMs: number },
  ): Promise<void> {
    const { errorCode, failure } = ending;
    const reason = errorCode ? failure : call.decision.reason;
    await this.#log.note({
      ...factsOf(call),
      outcome: errorCode ? 'failed' : 'succeeded',
      ...(reason && { reason: reason.slice(0, 4_000) }),
      data: {
        ...dataOf(call),
        durationMs: Math.round(ending.durationMs),
        ...(errorCode && { errorCode }),
      },
    });
    if (call.rehearsal) return;
    for (const found of call.guard ?? []) {
      await this.#log.note({
        ...factsOf(call),
        type: 'guard',
        action: 'guard.result',
        outcome: found.action === 'refuse' ? 'denied' : 'allowed',
        reason: describeFinding(found),
        data: { callId: call.callId, guard: GUARD_VERSION, ...found },
      });
    }
  }
}

function dataOf(call: AuditedCall) {
  const { approval, callId, decision, guard, rehearsal } = call;
  const wouldRefuse = decision.logOnly?.map(({ ruleId }) => ruleId) ?? [];
  return {
    callId,
    ...(wouldRefuse.length && { wouldRefuse }),
    ...(approval && { approval }),
    ...(guard?.length && { guard }),
    ...(rehearsal && { rehearsal: true }),
    ...(rehearsal?.answeredBy && { rehearsed: rehearsal }),
  };
}

function factsOf(call: AuditedCall) {
  const { caller, tool, argsDigest, decision } = call;
  const { run } = caller;
  return {
    type: 'tool-call',
    action: 'tool.call',
    actor: run
      ? { type: 'agent', ref: run.agentRef }
      : {
          type: caller.type === 'person' ? 'person' : 'service',
          ref: caller.ref,
        },
    resource: tool.ref,
    riskTier: tool.riskTier,
    argsDigest,
    versions: {
      toolSchema: tool.hash,
      ...(decision.rulesVersion && { rules: decision.rulesVersion }),
    },
    ...(decision.ruleIds.length && { ruleIds: decision.ruleIds }),
    ...(run && {
      agentRef: run.agentRef,
      delegation: { chain: run.chain },
      ...(run.runId && { runId: run.runId }),
      ...(run.sessionId && { sessionId: run.sessionId }),
      ...(run.step !== undefined && { step: run.step }),
    }),
    ...(caller.ref.startsWith('user:') && { personRef: caller.ref }),
    data: dataOf(call),
  } satisfies Partial<AuditRecord>;
}
