import type { StoredTime } from '../store/times';
import type { ApprovalContent, ApprovalRecord } from './ApprovalRecord';

/** Where requests lie. */
export const APPROVALS = 'agent_approvals';

/** As it is stored. */
export interface ApprovalRow {
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
  /** Whether people changed the call that was asked for. */
  was_changed: boolean | number;
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
export const LISTED: Array<keyof ApprovalRow> = [
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

export function toRow(record: ApprovalRecord): ApprovalRow {
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
    was_changed: record.details.editedBy !== undefined,
    details,
    content,
  };
}

export function toRecord(row: ApprovalRow): ApprovalRecord {
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
