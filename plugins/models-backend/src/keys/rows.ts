import type { DataClassification } from '@agentportal/model-gateway';
import type { KeySecret, ModelKey } from './key';

type Moment = number | string | null;

/** As the databases give it; PostgreSQL gives large numbers as text. */
export interface KeyRow {
  id: string;
  title: string;
  owner_ref: string;
  system_ref: string | null;
  models: string;
  classification: DataClassification | null;
  created_at: Moment;
  created_by: string;
  updated_at: Moment;
  expires_at: Moment;
  revoked_at: Moment;
  revoked_by: string | null;
}

export interface SecretRow {
  id: number;
  key_id: string;
  digest: string;
  ending: string;
  created_at: Moment;
  ends_at: Moment;
  last_used_on: Moment;
}

export function toKey(row: KeyRow): ModelKey {
  return {
    id: row.id,
    title: row.title,
    ownerRef: row.owner_ref,
    systemRef: row.system_ref ?? undefined,
    models: JSON.parse(row.models),
    dataClassification: row.classification ?? undefined,
    createdAt: Number(row.created_at),
    createdBy: row.created_by,
    updatedAt: Number(row.updated_at),
    expiresAt: moment(row.expires_at),
    revokedAt: moment(row.revoked_at),
    revokedBy: row.revoked_by ?? undefined,
  };
}

export function toRow(key: ModelKey): KeyRow {
  return {
    id: key.id,
    title: key.title,
    owner_ref: key.ownerRef,
    system_ref: key.systemRef ?? null,
    models: JSON.stringify(key.models),
    classification: key.dataClassification ?? null,
    created_at: key.createdAt,
    created_by: key.createdBy,
    updated_at: key.updatedAt,
    expires_at: key.expiresAt ?? null,
    revoked_at: key.revokedAt ?? null,
    revoked_by: key.revokedBy ?? null,
  };
}

export function toSecret(row: SecretRow): KeySecret {
  return {
    id: row.id,
    keyId: row.key_id,
    digest: row.digest,
    ending: row.ending,
    createdAt: Number(row.created_at),
    endsAt: moment(row.ends_at),
    lastUsedOn: moment(row.last_used_on),
  };
}

function moment(value: Moment): number | undefined {
  return value === null ? undefined : Number(value);
}
