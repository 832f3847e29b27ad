import type {
  KeyChange,
  KeySecretSummary,
  KeySummary,
} from '@agentportal/plugin-models-common';
import { type KeySecret, type ModelKey, stateOf } from './key';
import type { KeyChange as StoredChange } from './KeyStore';
import { SECRET_PREFIX } from './secrets';

// How keys look on the wire. Digests stay behind.

/** What of a key is not in its own row. */
export interface KeyFacts {
  secrets: KeySecret[];
  month: { calls: number; costNanoUsd: number };
  editable: boolean;
}

export function toKeySummary(key: ModelKey, facts: KeyFacts): KeySummary {
  const now = Date.now();
  const uses = facts.secrets.flatMap(secret => secret.lastUsedOn ?? []);
  const secrets = facts.secrets.filter(
    ({ endsAt }) => endsAt === undefined || endsAt > now,
  );
  return {
    id: key.id,
    title: key.title,
    ownerRef: key.ownerRef,
    systemRef: key.systemRef,
    models: key.models,
    dataClassification: key.dataClassification,
    state: stateOf(key, now),
    createdAt: iso(key.createdAt),
    createdBy: key.createdBy,
    updatedAt: iso(key.updatedAt),
    expiresAt: key.expiresAt === undefined ? null : iso(key.expiresAt),
    revokedAt: key.revokedAt === undefined ? undefined : iso(key.revokedAt),
    revokedBy: key.revokedBy,
    lastUsedOn:
      uses.length > 0 ? iso(Math.max(...uses)).slice(0, 10) : undefined,
    secrets:
      key.revokedAt === undefined
        ? secrets.map(secret => toSecretSummary(key, secret))
        : [],
    month: facts.month,
    editable: facts.editable,
  };
}

function toSecretSummary(key: ModelKey, secret: KeySecret): KeySecretSummary {
  return {
    hint: `${SECRET_PREFIX}${key.id}_…${secret.ending}`,
    createdAt: iso(secret.createdAt),
    endsAt: secret.endsAt === undefined ? undefined : iso(secret.endsAt),
    lastUsedOn:
      secret.lastUsedOn === undefined
        ? undefined
        : iso(secret.lastUsedOn).slice(0, 10),
  };
}

export function toKeyChange(change: StoredChange): KeyChange {
  return { ...change, at: iso(change.at) };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
