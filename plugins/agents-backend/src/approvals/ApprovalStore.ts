import { readPage } from '@agentportal/plugin-agents-node';
import { ConflictError } from '@backstage/errors';
import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import {
  isAndCriteria,
  isNotCriteria,
  isOrCriteria,
} from '@backstage/plugin-permission-node';
import type { Knex } from 'knex';
import type { StoredTime } from '../store/times';
import type {
  ApprovalContent,
  ApprovalRecord,
  ListedApproval,
} from './ApprovalRecord';
import { standing } from './decide';
import type { TimedDecision } from './decisionTimes';

const TABLE = 'agent_approvals';
const PARTIES = 'agent_approval_parties';
const BREAKS = 'agent_approval_breaks';
const DECISIONS = 'agent_approval_decisions';
/** Rows of parties go into a statement with three parameters each. */
const PARTIES_PER_INSERT = 200;

/** How a request concerns somebody. */
export type PartyRole =
  | 'asked'
  | 'concerned'
  /** Has asked, or it is done for them. */
  | 'requester'
  | 'excluded'
  | 'decider'
  /** Has approved what is asked now. */
  | 'approver';

/** Roles that somebody has for as long as the request is as it is. */
const OF_NOW: PartyRole[] = ['asked', 'approver'];

/** Refs of which one must be a party. */
export interface PartyFilter {
  claims: string[];
}

/** Which requests a list holds; all that is given must hold. */
export interface ApprovalFilter {
  /** Refs of which one must be a party, in any of the roles or in these. */
  parties?: Array<{ refs: readonly string[]; roles?: readonly PartyRole[] }>;
  /** Refs of which none may have one of these roles. */
  without?: { refs: readonly string[]; roles: readonly PartyRole[] };
  status?: readonly string[];
  kind?: readonly string[];
  agentRef?: string;
  toolRef?: string;
  closedSince?: number;
  /** What the permission policy says. */
  allowed?: PermissionCriteria<PartyFilter>;
  /** Claims of the policy that hold for a person hold for these too, whose deputy it is. */
  alsoFor?: { ref: string; refs: readonly string[] };
}

interface ApprovalRow {
  id: string;
  request_key: string;
  kind: ApprovalRecord['kind'];
  status: ApprovalRecord['status'];
  requested_by: string;
  agent_ref: string | null;
  person_ref: string | null;
  tool_ref: string | null;
  run_id: string | null;
  delegation_id: string | null;
  digest: string;
  created_at: StoredTime;
  expires_at: StoredTime;
  closed_at: StoredTime | null;
  grant_jti: string | null;
  grant_expires_at: StoredTime | null;
  redeemed_at: StoredTime | null;
  revision: number;
  details: string;
  /** Empty in rows that are older than the column: it is in the details then. */
  content: string | null;
}

/** What lists do not read. */
const CONTENT: Record<keyof ApprovalContent, true> = {
  binding: true,
  description: true,
  form: true,
  messages: true,
  provenance: true,
  publication: true,
  requestedArgs: true,
  values: true,
};

/** All that lists need. */
const LISTED: Array<keyof ApprovalRow> = [
  'id',
  'request_key',
  'kind',
  'status',
  'requested_by',
  'agent_ref',
  'person_ref',
  'tool_ref',
  'run_id',
  'delegation_id',
  'digest',
  'created_at',
  'expires_at',
  'closed_at',
  'grant_jti',
  'grant_expires_at',
  'redeemed_at',
  'revision',
  'details',
];

/** Requests that people decide. A request is one row, which changes by compare-and-set. */
export class ApprovalStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /**
   * Adds one, unless there is one with its key.
   *
   * @param also - what is true at the same moment
   * @returns whether it was added
   */
  async add(
    record: ApprovalRecord,
    also?: (tx: Knex) => Promise<void>,
  ): Promise<boolean> {
    return this.#knex.transaction(async tx => {
      const [known] = await tx(TABLE)
        .where('request_key', record.requestKey)
        .select('id');
      if (known) {
        return false;
      }
      await tx(TABLE).insert(toRow(record)).onConflict('request_key').ignore();
      const [mine] = await tx(TABLE).where('id', record.id).select('id');
      if (mine) {
        await addParties(tx, record);
        await also?.(tx);
      }
      return mine !== undefined;
    });
  }

  async byKey(requestKey: string): Promise<ApprovalRecord | undefined> {
    const row = await this.#knex(TABLE)
      .where('request_key', requestKey)
      .first();
    return row && toRecord(row);
  }

  /** The approval of exactly this call of a program, if it may still be used. */
  async usable(
    call: { agentRef: string; toolRef: string; digest: string },
    now: number,
  ): Promise<ApprovalRecord | undefined> {
    const row = await this.#knex(TABLE)
      .where({
        agent_ref: call.agentRef,
        tool_ref: call.toolRef,
        digest: call.digest,
        kind: 'tool-call',
        status: 'approved',
      })
      .whereNull('run_id')
      .whereNull('redeemed_at')
      .andWhere('grant_expires_at', '>', now)
      .first();
    return row && toRecord(row);
  }

  /** Those of some ids or keys that there are. */
  async query(by: {
    ids: readonly string[];
    keys: readonly string[];
  }): Promise<ApprovalRecord[]> {
    const rows: ApprovalRow[] = await this.#knex(TABLE)
      .whereIn('id', [...new Set(by.ids)])
      .orWhereIn('request_key', [...new Set(by.keys)]);
    return rows.map(toRecord);
  }

  async byIds(ids: readonly string[]): Promise<ApprovalRecord[]> {
    return this.query({ ids, keys: [] });
  }

  /** Lets the key be used for a new request. */
  async freeKey(record: ApprovalRecord): Promise<void> {
    await this.#knex(TABLE)
      .where({ id: record.id, request_key: record.requestKey })
      .update({ request_key: `over:${record.id}` });
  }

  /**
   * Writes a request as it has become.
   *
   * @param also - what is true at the same moment
   * @returns undefined when somebody else has changed it meanwhile
   */
  async update(
    record: ApprovalRecord,
    also?: (tx: Knex) => Promise<void>,
  ): Promise<ApprovalRecord | undefined> {
    const next = { ...record, revision: record.revision + 1 };
    return this.#knex.transaction(async tx => {
      const { id, request_key, redeemed_at, ...columns } = toRow(next);
      const changed = await tx(TABLE)
        .where({ id, revision: record.revision })
        .update(columns);
      if (!changed) {
        return undefined;
      }
      await tx(PARTIES)
        .where('approval_id', id)
        .whereIn('role', OF_NOW)
        .delete();
      await addParties(tx, next);
      await addDecisions(tx, next);
      await also?.(tx);
      return next;
    });
  }

  /**
   * Takes a place in the quota of a quarter.
   *
   * @throws ConflictError when somebody else took it at the same moment
   */
  async takeBreak(
    tx: Knex,
    taken: { approvalId: string; quarter: string; number: number },
  ): Promise<void> {
    await tx(BREAKS)
      .insert({
        approval_id: taken.approvalId,
        quarter: taken.quarter,
        number: taken.number,
      })
      .onConflict(['quarter', 'number'])
      .ignore();
    const [mine] = await tx(BREAKS).where('approval_id', taken.approvalId);
    if (!mine) {
      throw new ConflictError(
        'Somebody else let a call pass at the same moment. Try again.',
      );
    }
  }

  /** How many calls were let pass alone in a quarter. */
  async breaksIn(quarter: string): Promise<number> {
    const [{ n }] = await this.#knex(BREAKS)
      .where({ quarter })
      .max({ n: 'number' });
    return Number(n ?? 0);
  }

  /**
   * Uses the grant of a request up.
   *
   * @returns false when it was used before, or is not good any more
   */
  async redeem(
    { id, digest, grantJti }: ApprovalRecord,
    now: number,
  ): Promise<boolean> {
    const changed = await this.#knex(TABLE)
      .where({ id, digest, grant_jti: grantJti!, status: 'approved' })
      .whereNull('redeemed_at')
      .andWhere('grant_expires_at', '>', now)
      .update({
        redeemed_at: now,
        revision: this.#knex.raw('revision + 1'),
      });
    return changed === 1;
  }

  /** A page without what only the requests themselves show, the newest first. */
  async list(
    filter: ApprovalFilter,
    page: { limit: number; cursor?: string },
  ): Promise<{ items: ListedApproval[]; nextCursor?: string }> {
    const { rows, nextCursor } = await readPage<ApprovalRow>(
      this.#filtered(filter).select(LISTED),
      'created_at',
      page,
    );
    return { items: rows.map(toRecord), ...(nextCursor && { nextCursor }) };
  }

  /** The newest, whole. */
  async latest(
    filter: ApprovalFilter,
    limit: number,
  ): Promise<ApprovalRecord[]> {
    const { rows } = await readPage<ApprovalRow>(
      this.#filtered(filter),
      'created_at',
      { limit },
    );
    return rows.map(toRecord);
  }

  /** What was approved and rejected since a time, by one person or all; the newest first. */
  async decisionsSince(
    since: number,
    { by, limit }: { by?: string; limit: number },
  ): Promise<TimedDecision[]> {
    const rows: Array<{
      ref: string;
      decision: TimedDecision['decision'];
      asked_at: StoredTime;
      decided_at: StoredTime;
    }> = await this.#knex(DECISIONS)
      .where('decided_at', '>=', since)
      .modify(select => by && select.where('ref', by))
      .orderBy('decided_at', 'desc')
      .limit(limit);
    return rows.map(row => ({
      by: row.ref,
      decision: row.decision,
      askedAt: Number(row.asked_at),
      at: Number(row.decided_at),
    }));
  }

  /** How many match. */
  async count(filter: ApprovalFilter): Promise<number> {
    const [{ n }] = await this.#filtered(filter).count({ n: '*' });
    return Number(n);
  }

  /** Those whose time is over. */
  async due(now: number, limit: number): Promise<ApprovalRecord[]> {
    const rows: ApprovalRow[] = await this.#knex(TABLE)
      .where('status', 'pending')
      .andWhere('expires_at', '<=', now)
      .orderBy('expires_at')
      .limit(limit);
    return rows.map(toRecord);
  }

  /** Those that wait for runs whose work has ended. A program comes back with other work. */
  async abandoned(now: number, limit: number): Promise<ApprovalRecord[]> {
    const rows: ApprovalRow[] = await this.#knex(`${TABLE} as request`)
      .join('agent_delegations as part', 'part.id', 'request.delegation_id')
      .join('agent_delegations as work', 'work.id', 'part.root_id')
      .where('request.status', 'pending')
      .whereNotNull('request.run_id')
      .andWhere(over =>
        over
          .whereNotNull('work.ended_at')
          .orWhere('work.expires_at', '<=', now),
      )
      .limit(limit)
      .select('request.*');
    return rows.map(toRecord);
  }

  /** Deletes what was over before a time, a batch; says how many. */
  async removeClosedBefore(before: number, limit: number): Promise<number> {
    const ids = await this.#knex(TABLE)
      .where('closed_at', '<', before)
      .limit(limit)
      .pluck('id');
    await this.#knex.transaction(async tx => {
      await tx(PARTIES).whereIn('approval_id', ids).delete();
      await tx(BREAKS).whereIn('approval_id', ids).delete();
      await tx(DECISIONS).whereIn('approval_id', ids).delete();
      await tx(TABLE).whereIn('id', ids).delete();
    });
    return ids.length;
  }

  #filtered(filter: ApprovalFilter): Knex.QueryBuilder {
    const knex = this.#knex;
    const select = knex(TABLE);
    const isParty =
      (refs: readonly string[], roles?: readonly PartyRole[]) =>
      (of: Knex.QueryBuilder) => {
        of.from(PARTIES)
          .whereRaw('?? = ??', [`${PARTIES}.approval_id`, `${TABLE}.id`])
          .whereIn('ref', refs)
          .select(knex.raw('1'));
        if (roles) {
          of.whereIn('role', roles);
        }
      };
    for (const { refs, roles } of filter.parties ?? []) {
      select.whereExists(isParty(refs, roles));
    }
    if (filter.without) {
      const { refs, roles } = filter.without;
      select.whereNotExists(isParty(refs, roles));
    }
    if (filter.status) {
      select.whereIn('status', filter.status);
    }
    if (filter.kind) {
      select.whereIn('kind', filter.kind);
    }
    for (const [column, value] of [
      ['agent_ref', filter.agentRef],
      ['tool_ref', filter.toolRef],
    ] as const) {
      if (value !== undefined) {
        select.where(column, value);
      }
    }
    if (filter.closedSince !== undefined) {
      select.andWhere('closed_at', '>=', filter.closedSince);
    }
    const { allowed, alsoFor } = filter;
    if (allowed) {
      select.andWhere(place =>
        whereCriteria(place, allowed, ({ claims }) =>
          isParty(
            alsoFor && claims.includes(alsoFor.ref)
              ? [...claims, ...alsoFor.refs]
              : claims,
          ),
        ),
      );
    }
    return select;
  }
}

function whereCriteria(
  place: Knex.QueryBuilder,
  criteria: PermissionCriteria<PartyFilter>,
  isParty: (filter: PartyFilter) => (of: Knex.QueryBuilder) => void,
): void {
  if (isOrCriteria(criteria)) {
    for (const each of criteria.anyOf) {
      place.orWhere(part => whereCriteria(part, each, isParty));
    }
  } else if (isAndCriteria(criteria)) {
    for (const each of criteria.allOf) {
      place.andWhere(part => whereCriteria(part, each, isParty));
    }
  } else if (isNotCriteria(criteria)) {
    const { not } = criteria;
    place.whereNot(part => whereCriteria(part, not, isParty));
  } else {
    place.whereExists(isParty(criteria as PartyFilter));
  }
}

/** Whom a request concerns. */
export function partiesOf(
  record: ListedApproval,
): Array<{ ref: string; role: PartyRole }> {
  const { requirement, excluded, decisions } = record.details;
  const all: Array<[PartyRole, Array<string | undefined>]> = [
    ['asked', requirement.refs],
    [
      'concerned',
      [
        record.requestedBy,
        record.personRef,
        ...(record.details.concerned ?? []),
      ],
    ],
    ['requester', [record.requestedBy, record.personRef]],
    ['excluded', excluded],
    ['decider', decisions.map(({ by }) => by)],
    ['approver', standing(record).map(({ by }) => by)],
  ];
  return all.flatMap(([role, refs]) =>
    [...new Set(refs)].flatMap(ref => (ref ? { ref, role } : [])),
  );
}

async function addParties(tx: Knex, record: ApprovalRecord): Promise<void> {
  const rows = partiesOf(record).map(party => ({
    approval_id: record.id,
    ...party,
  }));
  for (let i = 0; i < rows.length; i += PARTIES_PER_INSERT) {
    await tx(PARTIES)
      .insert(rows.slice(i, i + PARTIES_PER_INSERT))
      .onConflict(['approval_id', 'ref', 'role'])
      .ignore();
  }
}

async function addDecisions(tx: Knex, record: ApprovalRecord): Promise<void> {
  const rows = record.details.decisions
    .filter(({ decision }) => decision !== 'answer')
    .map(({ by, at, decision }) => ({
      approval_id: record.id,
      ref: by,
      decided_at: at,
      asked_at: record.createdAt,
      decision,
    }));
  if (rows.length) {
    await tx(DECISIONS)
      .insert(rows)
      .onConflict(['approval_id', 'ref', 'decided_at'])
      .ignore();
  }
}

function toRow(record: ApprovalRecord): ApprovalRow {
  const [details, content] = [false, true].map(isContent =>
    JSON.stringify(
      Object.fromEntries(
        Object.entries(record.details).filter(
          ([name]) => name in CONTENT === isContent,
        ),
      ),
    ),
  );
  return {
    id: record.id,
    request_key: record.requestKey,
    kind: record.kind,
    status: record.status,
    requested_by: record.requestedBy,
    agent_ref: record.agentRef ?? null,
    person_ref: record.personRef ?? null,
    tool_ref: record.toolRef ?? null,
    run_id: record.runId ?? null,
    delegation_id: record.delegationId ?? null,
    digest: record.digest,
    created_at: record.createdAt,
    expires_at: record.expiresAt,
    closed_at: record.closedAt ?? null,
    grant_jti: record.grantJti ?? null,
    grant_expires_at: record.grantExpiresAt ?? null,
    redeemed_at: record.redeemedAt ?? null,
    revision: record.revision,
    details,
    content,
  };
}

function toRecord(row: ApprovalRow): ApprovalRecord {
  const time = (ms: StoredTime | null) =>
    ms === null ? undefined : Number(ms);
  return {
    id: row.id,
    requestKey: row.request_key,
    kind: row.kind,
    status: row.status,
    requestedBy: row.requested_by,
    agentRef: row.agent_ref ?? undefined,
    personRef: row.person_ref ?? undefined,
    toolRef: row.tool_ref ?? undefined,
    runId: row.run_id ?? undefined,
    delegationId: row.delegation_id ?? undefined,
    digest: row.digest,
    createdAt: Number(row.created_at),
    expiresAt: Number(row.expires_at),
    closedAt: time(row.closed_at),
    grantJti: row.grant_jti ?? undefined,
    grantExpiresAt: time(row.grant_expires_at),
    redeemedAt: time(row.redeemed_at),
    revision: row.revision,
    details: {
      ...JSON.parse(row.details),
      ...(row.content && JSON.parse(row.content)),
    },
  };
}
