import {
  type ApprovalChangedPayload,
  CHANNEL_APPROVALS,
  TOPIC_APPROVALS,
} from '@agentportal/plugin-agents-common';
import type {
  AuditLog,
  OwnerNotice,
  OwnerNotices,
} from '@agentportal/plugin-agents-node';
import type { AuditRecord } from '@agentportal/plugin-governance-common';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { stringifyError } from '@backstage/errors';
import type { EventsService } from '@backstage/plugin-events-node';
import type { SignalsService } from '@backstage/plugin-signals-node';
import type { AgentRecords } from '../identities/AgentRecords';
import type { ApprovalRecord } from './ApprovalRecord';
import { standing } from './decide';

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** What has happened to a request. */
export type ApprovalAct =
  | 'request'
  | 'approve'
  | 'reject'
  | 'answer'
  | 'break-glass'
  | 'escalate'
  | 'expire'
  | 'withdraw'
  | 'redeem';

/** Tells those concerned, whoever waits, browsers and the audit log. The row comes first. */
export class ApprovalNews {
  readonly #notices: OwnerNotices;
  readonly #records: Pick<AgentRecords, 'withNames'>;
  readonly #events: EventsService;
  readonly #signals: SignalsService;
  readonly #auditLog: AuditLog;
  readonly #logger: LoggerService;

  constructor(options: {
    notices: OwnerNotices;
    records: Pick<AgentRecords, 'withNames'>;
    events: EventsService;
    signals: SignalsService;
    auditLog: AuditLog;
    logger: LoggerService;
  }) {
    this.#notices = options.notices;
    this.#records = options.records;
    this.#events = options.events;
    this.#signals = options.signals;
    this.#auditLog = options.auditLog;
    this.#logger = options.logger;
  }

  /** Tells the audit log; resolves when it is durable. @throws ServiceUnavailableError */
  async record(
    record: ApprovalRecord,
    act: ApprovalAct,
    by: string,
    outcome: AuditRecord['outcome'] = 'succeeded',
  ): Promise<void> {
    await this.#auditLog.record(toEntry(record, act, by, outcome));
  }

  /** Tells all that something has become of a request. */
  async tell(
    record: ApprovalRecord,
    act: ApprovalAct,
    by: string,
  ): Promise<void> {
    await this.#auditLog.note(toEntry(record, act, by, 'succeeded'));
    await this.changed(record);
    const notice = noticeOf(record, act, by);
    if (notice) {
      await this.#send(record, notice);
    }
  }

  /** Tells those concerned of a message. */
  async said(record: ApprovalRecord, by: string, text: string): Promise<void> {
    await this.changed(record);
    const { requirement, messages } = record.details;
    await this.#send(record, {
      ownerRef: [
        ...peopleOf(record),
        ...requirement.refs,
        ...messages.map(message => message.by),
      ],
      exceptRefs: [by],
      title: `${by} writes about: ${record.details.title}`,
      description: text,
      severity: 'normal',
    });
  }

  /** Tells whoever waits and browsers that they should look; nothing depends on it. */
  async changed({ id, status, runId }: ApprovalRecord): Promise<void> {
    const payload: ApprovalChangedPayload = {
      id,
      status,
      ...(runId && { runId }),
    };
    try {
      await Promise.all([
        this.#events.publish({ topic: TOPIC_APPROVALS, eventPayload: payload }),
        // It names nobody: who may see the request reads it.
        this.#signals.publish({
          recipients: { type: 'broadcast' },
          channel: CHANNEL_APPROVALS,
          message: { id, status },
        }),
      ]);
    } catch (error) {
      this.#logger.warn(
        `Could not tell that the request ${id} has changed: ${stringifyError(
          error,
        )}`,
      );
    }
  }

  async #send(
    record: ApprovalRecord,
    notice: Omit<OwnerNotice, 'scope' | 'link' | 'ownerRef'> & {
      ownerRef: string[];
    },
  ): Promise<void> {
    const told = [...new Set(notice.ownerRef)].filter(
      ref => /^(user|group):/.test(ref) && !notice.exceptRefs?.includes(ref),
    );
    if (!told.length) {
      return;
    }
    const texts = [notice.title, notice.description];
    const [title, description] = await this.#records
      .withNames(texts)
      // Better with refs than not at all.
      .catch(() => texts);
    await this.#notices.send({
      ...notice,
      title,
      description,
      ownerRef: told,
      link: `/approvals/${record.id}`,
      scope: `approval-${record.id}`,
    });
  }
}

/** People who wait for it. */
function peopleOf({ personRef, requestedBy }: ApprovalRecord): string[] {
  return [personRef ?? '', requestedBy].filter(ref => ref.startsWith('user:'));
}

function noticeOf(record: ApprovalRecord, act: ApprovalAct, by: string) {
  const { title, reason, outcome = '', requirement, excluded } = record.details;
  const { concerned = [], escalatedAt } = record.details;
  const severity = 'normal' as const;
  switch (act) {
    case 'request':
    case 'escalate':
      return {
        ownerRef:
          act === 'escalate' ? requirement.escalateTo : requirement.refs,
        exceptRefs: excluded,
        title: `${
          escalatedAt ? 'Nobody has decided' : 'Please decide'
        }: ${title}`,
        description: reason,
        severity,
      };
    case 'break-glass':
      return {
        ownerRef: [...requirement.refs, ...concerned, ...peopleOf(record)],
        exceptRefs: [by],
        title: `Let pass in an emergency: ${title}`,
        description: outcome,
        severity: 'high' as const,
      };
    case 'approve':
    case 'reject':
    case 'answer':
    case 'expire':
      if (record.status !== 'pending') {
        return {
          ownerRef: peopleOf(record),
          exceptRefs: [by],
          title: outcome,
          description: title,
          severity,
        };
      }
      // One of two approvals decides nothing yet; other arguments are for others too.
      return record.details.decisions.at(-1)?.edited
        ? {
            ownerRef: requirement.refs,
            exceptRefs: [...excluded, by],
            title: `Please decide, as ${by} changed it: ${title}`,
            description: reason,
            severity,
          }
        : undefined;
    default:
      return undefined;
  }
}

function toEntry(
  record: ApprovalRecord,
  act: ApprovalAct,
  by: string,
  outcome: AuditRecord['outcome'],
): AuditRecord {
  const { details, runId } = record;
  const approvers = standing(record).map(each => each.by);
  const isRun = runId && UUID.test(runId);
  const [kind] = by.split(':');
  const type = ({ user: 'person', agent: 'agent' } as const)[kind] ?? 'service';
  return {
    type: 'approval',
    action: `approval.${act}`,
    actor: { type, ref: by },
    outcome,
    resource: record.toolRef ?? details.permission ?? record.id,
    ...(record.agentRef && { agentRef: record.agentRef }),
    ...(record.personRef && { personRef: record.personRef }),
    ...(details.tool && { riskTier: details.tool.riskTier }),
    ...(isRun && { runId }),
    argsDigest: record.digest,
    reason: (details.outcome ?? details.reason).slice(0, 4_000),
    data: {
      approvalId: record.id,
      kind: record.kind,
      status: record.status,
      askedOf: details.requirement.refs,
      quorum: details.requirement.quorum,
      approvers,
      ...(details.editedBy && { editedBy: details.editedBy }),
      ...(details.brokenGlassBy && { brokenGlassBy: details.brokenGlassBy }),
      ...(runId && !isRun && { runId }),
    },
  };
}
