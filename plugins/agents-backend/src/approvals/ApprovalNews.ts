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
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import type { AgentRecords } from '../identities/AgentRecords';
import type { ApprovalRecord } from './ApprovalRecord';
import { standing } from './decide';

const TABLE = 'agent_approval_news';
/** How long whoever wrote it has to tell it; others wait four times as long with each try. */
const PATIENCE_MS = 10_000;
const TRIES = 6;
const PER_ROUND = 100;
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

/** What has to be told of one change of a request. It is written with the change. */
export interface News {
  id: string;
  request: Pick<ApprovalRecord, 'id' | 'status' | 'runId'>;
  entry?: AuditRecord;
  notice?: Omit<OwnerNotice, 'scope' | 'link' | 'ownerRef'> & {
    ownerRef: string[];
  };
}

/**
 * Tells those concerned, whoever waits, browsers and the audit log. What is to be told is
 * a row that is written with the change and goes when it was told: where the process
 * stops between the two, another one tells it. Some may be told twice, and nobody never.
 */
export class ApprovalNews {
  readonly #knex: Knex;
  readonly #notices: OwnerNotices;
  readonly #records: Pick<AgentRecords, 'withNames'>;
  readonly #events: EventsService;
  readonly #signals: SignalsService;
  readonly #auditLog: AuditLog;
  readonly #logger: LoggerService;

  constructor(options: {
    knex: Knex;
    notices: OwnerNotices;
    records: Pick<AgentRecords, 'withNames'>;
    events: EventsService;
    signals: SignalsService;
    auditLog: AuditLog;
    logger: LoggerService;
  }) {
    this.#knex = options.knex;
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
    outcome: AuditRecord['outcome'],
  ): Promise<void> {
    await this.#auditLog.record(toEntry(record, act, by, outcome));
  }

  /** What has become of a request. */
  of(record: ApprovalRecord, act: ApprovalAct, by: string): News {
    return newsOf(record, {
      entry: toEntry(record, act, by, 'succeeded'),
      notice: noticeOf(record, act, by),
    });
  }

  /** That somebody has written about a request. */
  ofMessage(record: ApprovalRecord, by: string, text: string): News {
    const { requirement, messages } = record.details;
    return newsOf(record, {
      notice: {
        ownerRef: [
          ...peopleOf(record),
          ...requirement.refs,
          ...messages.map(message => message.by),
        ],
        exceptRefs: [by],
        title: `${by} writes about: ${record.details.title}`,
        description: text,
        severity: 'normal',
      },
    });
  }

  /** Writes it down, with the change that it is about. */
  async put(tx: Knex, news: readonly News[]): Promise<void> {
    await tx(TABLE).insert(
      news.map(each => ({
        id: each.id,
        due_at: Date.now() + PATIENCE_MS,
        tries: 0,
        payload: JSON.stringify(each),
      })),
    );
  }

  /** Tells what was written down. Never throws: what could not be told is tried again. */
  async tell(news: readonly News[]): Promise<void> {
    for (const each of news) {
      await this.changed(each.request);
      const { entry, notice, ...left } = each;
      // People are told also while the log is away.
      const [written, isSent] = await Promise.all([
        entry && this.#try(each, () => this.#write(entry)),
        notice && this.#try(each, () => this.#send(each.request.id, notice)),
      ]);
      const row = this.#knex(TABLE).where('id', each.id);
      const untold = {
        ...left,
        ...(!written && { entry }),
        ...(!isSent && { notice }),
      };
      await this.#try(each, () =>
        untold.entry || untold.notice
          ? row.update({ payload: JSON.stringify(untold) })
          : row.delete(),
      );
    }
  }

  /** Tells what others have left untold; people up to a number of tries. */
  async tellLeft(signal?: AbortSignal): Promise<void> {
    let rows: Array<{ id: string; tries: number; payload: string }>;
    do {
      rows = await this.#knex(TABLE)
        .where('due_at', '<=', Date.now())
        .orderBy('due_at')
        .limit(PER_ROUND);
      for (const { id, tries, payload } of rows) {
        const row = this.#knex(TABLE).where({ id, tries });
        const news: News = JSON.parse(payload);
        // The audit log gets everything, however long it is away.
        if (tries >= TRIES && !news.entry) {
          await row.delete();
        } else if (
          await row.update({
            tries: tries + 1,
            due_at: Date.now() + PATIENCE_MS * 4 ** Math.min(tries + 1, TRIES),
          })
        ) {
          await this.tell([news]);
        }
      }
    } while (rows.length === PER_ROUND && !signal?.aborted);
  }

  /** Tells whoever waits and browsers that they should look; nothing depends on it. */
  async changed({ id, status, runId }: News['request']): Promise<void> {
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

  async #try<T>(news: News, tell: () => Promise<T>): Promise<T | undefined> {
    try {
      return await tell();
    } catch (error) {
      this.#logger.warn(
        `What became of the request ${
          news.request.id
        } could not be told, and is tried again: ${stringifyError(error)}`,
      );
      return undefined;
    }
  }

  async #write(entry: AuditRecord): Promise<boolean> {
    await this.#auditLog.record(entry, { deadlineMs: PATIENCE_MS });
    return true;
  }

  /** @returns whether it was taken */
  async #send(id: string, notice: NonNullable<News['notice']>) {
    const texts = [notice.title, notice.description];
    const [title, description] = await this.#records
      .withNames(texts)
      // Better with refs than not at all.
      .catch(() => texts);
    return this.#notices.send({
      ...notice,
      title,
      description,
      link: `/approvals/${id}`,
      scope: `approval-${id}`,
    });
  }
}

function newsOf(
  { id, status, runId }: ApprovalRecord,
  { entry, notice }: Pick<News, 'entry' | 'notice'>,
): News {
  const told = [...new Set(notice?.ownerRef)].filter(
    ref => /^(user|group):/.test(ref) && !notice?.exceptRefs?.includes(ref),
  );
  return {
    id: randomUUID(),
    request: { id, status, ...(runId && { runId }) },
    ...(entry && { entry }),
    ...(notice && told.length > 0 && { notice: { ...notice, ownerRef: told } }),
  };
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
          // Nobody waits for what an agent would become but those who answer for it.
          ownerRef:
            record.kind === 'publication'
              ? [...concerned, ...peopleOf(record)]
              : peopleOf(record),
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
