import type { AuditLog } from '@agentportal/plugin-agents-node';
import type { AuditRecord } from '@agentportal/plugin-governance-common';
import { InputError } from '@backstage/errors';
import canonicalize from 'canonicalize';
import { hash } from 'node:crypto';
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
}

/**
 * The digest of what a tool is called with, by which two calls are known to be the same.
 *
 * @throws InputError for what JSON cannot say: numbers beyond all bounds, halves of characters
 */
export function argsDigestOf(tool: string, args: Record<string, unknown>) {
  try {
    return `sha256:${hash('sha256', canonicalize(args) ?? '')}`;
  } catch (error) {
    throw new InputError(
      `The arguments of ${tool} cannot be written as JSON: ${
        (error as Error).message
      }.`,
    );
  }
}

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
  async begins(call: AuditedCall, reason: string): Promise<void> {
    if (TOLD_BEFORE.has(call.tool.riskTier)) {
      await this.#log.record({ ...factsOf(call), outcome: 'started', reason });
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
      data: { callId: call.callId, errorCode },
    });
  }

  /** When the tool has answered, or has not. */
  async ended(
    call: AuditedCall,
    ending: { errorCode?: string; durationMs: number },
  ): Promise<void> {
    const { errorCode } = ending;
    await this.#log.note({
      ...factsOf(call),
      outcome: errorCode ? 'failed' : 'succeeded',
      data: {
        callId: call.callId,
        durationMs: Math.round(ending.durationMs),
        ...(errorCode && { errorCode }),
      },
    });
  }
}

function factsOf({ callId, caller, tool, argsDigest }: AuditedCall) {
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
    },
    ...(run && {
      agentRef: run.agentRef,
      delegation: { chain: run.chain },
      ...(run.runId && { runId: run.runId }),
      ...(run.sessionId && { sessionId: run.sessionId }),
      ...(run.step !== undefined && { step: run.step }),
    }),
    ...(caller.ref.startsWith('user:') && { personRef: caller.ref }),
    data: { callId },
  } satisfies Partial<AuditRecord>;
}
