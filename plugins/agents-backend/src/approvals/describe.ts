import { nameToldSecrets } from '@agentportal/guard';
import type {
  Approval,
  ApprovalListItem,
  ApprovalOutcome,
  ApprovalTicket,
} from '@agentportal/plugin-agents-common';
import type { JsonObject } from '@backstage/types';
import { iso } from '../store/times';
import {
  type ApprovalRecord,
  type Decider,
  inWords,
  type ListedApproval,
} from './ApprovalRecord';
import { approvalsOf, seatFor, standing, whyNotBreakGlass } from './decide';
import { changesOf } from './definition';
import { findUnusual } from './unusual';

const isoOf = (ms: number | undefined) =>
  ms === undefined ? undefined : iso(ms);

/** To whoever asked. */
export function toTicket(record: ApprovalRecord): ApprovalTicket {
  const { details } = record;
  return {
    id: record.id,
    kind: record.kind,
    status: record.status,
    digest: record.digest,
    expiresAt: iso(record.expiresAt),
    askedOf: details.requirement.refs,
    reason: details.outcome ?? details.reason,
    title: details.title,
    redeemedAt: isoOf(record.redeemedAt),
  };
}

/** To a run that waits. */
export function toOutcome(record: ApprovalRecord): ApprovalOutcome {
  const { details } = record;
  return {
    ...toTicket(record),
    title: details.title,
    ...(!record.requestKey.startsWith('over:') && {
      requestKey: record.requestKey.slice(record.requestKey.indexOf(':') + 1),
    }),
    runId: record.runId,
    toolRef: record.toolRef,
    toolName: details.tool?.name,
    decidedBy: decidersOf(record),
    decidedAt: isoOf(record.closedAt),
    ...(details.editedBy && {
      args: details.binding?.args,
      editedBy: details.editedBy,
    }),
    values: details.values,
    grantExpiresAt: isoOf(record.grantExpiresAt),
  };
}

/** As lists show it. */
export function toListItem(
  record: ListedApproval,
  decider: Decider | undefined,
): ApprovalListItem {
  const { details } = record;
  const { tool } = details;
  return {
    id: record.id,
    kind: record.kind,
    status: record.status,
    title: details.title,
    reason: details.outcome ?? details.reason,
    digest: record.digest,
    agentRef: record.agentRef,
    agentTitle: details.agentTitle,
    personRef: record.personRef,
    requestedBy: record.requestedBy,
    toolRef: record.toolRef,
    toolName: tool?.name,
    toolTitle: tool?.title,
    riskTier: tool?.riskTier ?? details.riskTier,
    dataClassification: tool?.dataClassification,
    permission: details.permission,
    runId: record.runId,
    requestedAt: iso(record.createdAt),
    expiresAt: iso(record.expiresAt),
    decidedAt: isoOf(record.closedAt),
    escalatedAt: isoOf(details.escalatedAt),
    redeemedAt: isoOf(record.redeemedAt),
    askedOf: details.requirement.refs,
    quorum: details.requirement.quorum,
    approvals: approvalsOf(record),
    brokenGlassBy: details.brokenGlassBy,
    canDecide: decider !== undefined && 'seat' in seatFor(record, decider),
  };
}

/** With all that it is decided by. */
export function toApproval(
  record: ApprovalRecord,
  reader: {
    /** Absent for agents, who decide nothing. */
    decider?: Decider;
    /** A sentence when the policy does not let them decide. */
    refusal?: string;
    similar: readonly ApprovalRecord[];
  },
): Approval {
  const { details } = record;
  const { requirement, binding } = details;
  const args = binding?.args as JsonObject | undefined;
  const { decider, similar } = reader;
  return {
    ...toListItem(record, reader.refusal ? undefined : decider),
    requirement: requirementInWords(record),
    onExpiry: requirement.onExpiry,
    differentGroups: requirement.differentGroups,
    args,
    requestedArgs: details.requestedArgs,
    editedBy: details.editedBy,
    unusual: args
      ? findUnusual(
          args,
          similar
            .filter(({ status }) => status === 'approved')
            .map(each => each.details.binding?.args as JsonObject),
          // What somebody changed, somebody said.
          details.editedBy ? {} : details.provenance,
        )
      : [],
    delegationId: record.delegationId,
    form: details.form,
    description: details.description,
    values: nameToldSecrets(details.values),
    reviewOf: details.reviewOf,
    changes:
      details.publication &&
      changesOf(
        details.publication.before,
        details.publication.definition,
        details.publication.tiers,
      ),
    decisions: details.decisions.map(({ at, digest, refs, ...decision }) => ({
      ...decision,
      at: iso(at),
      counts: digest === record.digest,
    })),
    messages: details.messages.map(({ at, ...message }) => ({
      ...message,
      at: iso(at),
    })),
    similar: similar.slice(0, 5).map(each => ({
      id: each.id,
      status: each.status,
      title: each.details.title,
      decidedAt: isoOf(each.closedAt),
      decidedBy: decidersOf(each),
      args: each.details.binding?.args,
    })),
    can: choicesOf(record, reader),
  };
}

function choicesOf(
  record: ApprovalRecord,
  reader: { decider?: Decider; refusal?: string },
): Approval['can'] {
  const { decider } = reader;
  const choice = (reason: string | undefined) =>
    reason ? { allowed: false, reason } : { allowed: true };
  if (!decider) {
    const no = choice(reader.refusal ?? 'Only people decide.');
    return {
      approve: no,
      edit: no,
      reject: no,
      ask: no,
      answer: no,
      withdraw: no,
      breakGlass: no,
    };
  }
  const found = seatFor(record, decider);
  const refusal =
    reader.refusal ?? ('refusal' in found ? found.refusal : undefined);
  const isQuestion = record.kind === 'question';
  const waits = record.status === 'pending';
  const notHere = (applies: boolean, why: string) =>
    applies ? refusal : refusal ?? why;
  return {
    approve: choice(notHere(!isQuestion, 'This is a question: answer it.')),
    edit: choice(
      notHere(record.kind === 'tool-call', 'There are no arguments to change.'),
    ),
    reject: choice(notHere(!isQuestion, 'This is a question: answer it.')),
    answer: choice(notHere(isQuestion, 'There is no form to answer.')),
    ask: choice(waits ? undefined : 'It waits no more.'),
    withdraw: choice(
      waits
        ? whyNotWithdraw(record, decider.ref)
        : 'Whoever asked can take it back, while it waits.',
    ),
    breakGlass: choice(reader.refusal ?? whyNotBreakGlass(record, decider)),
  };
}

/** Why somebody may not take it back; undefined when they may. */
export function whyNotWithdraw(
  record: ApprovalRecord,
  ref: string,
): string | undefined {
  if (record.kind === 'review') {
    return 'Others look at a call that was let pass alone, and nobody takes that back.';
  }
  return record.requestedBy === ref || record.personRef === ref
    ? undefined
    : 'Only whoever asked, or for whom it is done, can take it back. You can reject it if you were asked.';
}

function decidersOf(record: ApprovalRecord): string[] {
  const { decisions } = record.details;
  return record.status === 'approved'
    ? standing(record).map(({ by }) => by)
    : decisions.filter(each => each.decision !== 'approve').map(e => e.by);
}

function requirementInWords(record: ApprovalRecord): string {
  const { requirement, escalatedAt } = record.details;
  const { refs, quorum, differentGroups, onExpiry, escalateTo } = requirement;
  const who = inWords(refs);
  const needed =
    quorum === 1
      ? `One of ${who} decides`
      : `${quorum} of ${who} have to approve${
          differentGroups ? ', from different groups' : ''
        }`;
  const after =
    onExpiry === 'escalate' && escalatedAt === undefined && escalateTo.length
      ? `then it goes to ${inWords(escalateTo)}`
      : 'then it is rejected';
  return `${needed}, until ${iso(record.expiresAt)}; ${after}.`;
}
