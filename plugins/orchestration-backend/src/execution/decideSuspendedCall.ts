import {
  type ApprovalOutcome,
  builtInLimit,
} from '@agentportal/plugin-agents-common';
import type {
  RunWait,
  StepApproval,
} from '@agentportal/plugin-orchestration-common';
import { NotAllowedError } from '@backstage/errors';
import { isDeepStrictEqual } from 'node:util';
import type { GatewayCall } from './gateway';
import { waitForPeople } from './interrupts';
import type { RunApprovals } from './RunApprovals';
import { effectUnknown } from './RunFailure';

/** A call about which people were asked. */
interface SuspendedCall {
  approvalId: string;
  /** As the model asked for it. */
  args: Record<string, unknown>;
  toolName: string;
  toolCallId: string;
}

/** What people made of it: the call with a grant, or what is answered in its place. */
export interface DecidedCall {
  approval: StepApproval;
  grant?: string;
  /** What it is made with. */
  args: Record<string, unknown>;
  /** What the model has to know, when it is not what it asked for. */
  note?: string;
  /** Present when it is not made. */
  refusal?: NonNullable<GatewayCall['toolResult']>;
}

/**
 * How a call goes on about which people were asked. A grant that was used is not used
 * again: whether the call went through is then not known.
 *
 * @throws GraphInterrupt while they have not decided
 */
export async function decideSuspendedCall(
  approvals: RunApprovals,
  call: SuspendedCall,
): Promise<DecidedCall> {
  const { approvalId, args, toolName } = call;
  const outcome = (await approvals.outcomes([approvalId])).get(approvalId);
  const refused = (text: string): DecidedCall => ({
    approval: outcome
      ? toStepApproval(outcome)
      : { id: approvalId, status: 'gone' },
    args,
    refusal: {
      isError: true,
      output: { content: [{ type: 'text', text }] },
      refusedBy: [builtInLimit('approval')],
    },
  });
  if (!outcome) {
    return refused(
      `${toolName} was not called: the request for an approval is not there any more.`,
    );
  }
  if (outcome.status === 'pending') {
    throw waitForPeople(toWait(outcome, call));
  }
  if (outcome.status !== 'approved') {
    return refused(`${toolName} was not called: ${outcome.reason}`);
  }
  if (outcome.redeemedAt) {
    return refused(effectUnknown(toolName).message);
  }
  try {
    const { grant } = await approvals.grant(approvalId);
    return {
      approval: toStepApproval(outcome),
      grant,
      args: outcome.args ?? args,
      ...(outcome.args && { note: noteOf(outcome, call) }),
    };
  } catch (error) {
    if (NotAllowedError.is(error)) {
      return refused(`${toolName} was not called: ${error.message}`);
    }
    throw error;
  }
}

/** What a run waits for that waits for people to approve a call. */
export function toWait(
  asked: Pick<ApprovalOutcome, 'askedOf' | 'id' | 'title'> & {
    expiresAt?: string;
  },
  { toolName, toolCallId }: Pick<SuspendedCall, 'toolCallId' | 'toolName'>,
): RunWait {
  const { askedOf, expiresAt, id, title } = asked;
  return {
    approvalId: id,
    kind: 'tool-call',
    title,
    toolName,
    toolCallId,
    ...(expiresAt && { expiresAt }),
    askedOf,
  };
}

/** What the step of a call tells of its approval. */
export function toStepApproval(
  outcome: { id: string; status: string } & Partial<
    Omit<ApprovalOutcome, 'id' | 'status'>
  >,
): StepApproval {
  const { id, status, expiresAt, askedOf, decidedBy, reason, args } = outcome;
  return {
    id,
    status,
    expiresAt,
    askedOf,
    ...(status !== 'pending' && { decidedBy, reason }),
    ...(args && { args }),
  };
}

function noteOf(
  { args: edited = {}, editedBy }: ApprovalOutcome,
  { args, toolName }: SuspendedCall,
): string {
  const names = new Set([...Object.keys(args), ...Object.keys(edited)]);
  const changes = [...names]
    .filter(name => !isDeepStrictEqual(args[name], edited[name]))
    .map(
      name =>
        `${name} is ${inWords(edited[name])} and not ${inWords(args[name])}`,
    );
  return `${
    editedBy ?? 'Whoever approved it'
  } changed what ${toolName} was called with: ${changes.join('; ')}.`;
}

function inWords(value: unknown): string {
  return value === undefined ? 'left out' : JSON.stringify(value);
}
