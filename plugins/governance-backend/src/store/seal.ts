import {
  canonicalText,
  entryKeyOf,
  leafHash,
  type PersonalPart,
  rename,
  sealPart,
} from '@agentportal/audit-log';
import type { AuditRecord } from '@agentportal/plugin-governance-common';
import type { Subject } from './Subjects';

/** Entries that nothing deletes, because others cannot be understood without them. */
export const PERMANENT = 'permanent';

/** What is to become an entry. */
export interface NewEntry {
  id: string;
  facts: Omit<AuditRecord, 'id' | 'tenant' | 'personal' | 'retention'> & {
    time: string;
    /** The service that recorded it. */
    source: string;
    agentOwnerRef?: string;
    /** Owner of the agent on which another one acted. */
    resourceOwnerRef?: string;
    retention: NonNullable<AuditRecord['retention']> | typeof PERMANENT;
  };
  /** The refs of all persons that it names, in lower case. */
  persons: string[];
  personal?: Record<string, PersonalPart['data']>;
}

/** An entry as it is stored. */
export interface SealedRow {
  tree: number;
  seq: number;
  id: string;
  recorded_at: number;
  type: string;
  outcome: string;
  /** Null when it is the agent. */
  actor: string | null;
  agent_ref: string | null;
  agent_owner_ref: string | null;
  resource_owner_ref: string | null;
  resource: string | null;
  run_id: string | null;
  retention: string;
  body: string;
}

export const ENTRY_COLUMNS = {
  tree: 'integer',
  seq: 'bigint',
  id: 'text',
  recorded_at: 'bigint',
  type: 'text',
  outcome: 'text',
  actor: 'text',
  agent_ref: 'text',
  agent_owner_ref: 'text',
  resource_owner_ref: 'text',
  resource: 'text',
  run_id: 'text',
  retention: 'text',
  body: 'text',
} as const;

/** In JSON, a backslash, or half a surrogate pair: a whole one is not escaped. */
const ESCAPED = /\\(?:\\|ud[89a-f][0-9a-f]{2})/g;

/**
 * A JSON value with U+FFFD for each half of a surrogate pair. That is no text of which a
 * hash can be made, and no act stays out of the log for it.
 */
export function wellFormed<T>(value: T): T {
  const text = JSON.stringify(value);
  const well = text.replace(ESCAPED, found =>
    found === '\\\\' ? found : '\ufffd',
  );
  return text === well ? value : JSON.parse(well);
}

/** Encrypts what is personal, and writes the one text that the tree is made of. */
export function sealEntry(
  { id, facts, persons, personal }: NewEntry,
  place: { tree: number; tenant: string; seq: number; recordedAt: number },
  subjects: ReadonlyMap<string, Subject>,
): { row: SealedRow; leaf: Buffer; subjects: string[] } {
  const named = persons.map(ref => ({ ref, ...subjects.get(ref)! }));
  const names = new Map(named.map(({ ref, subject }) => [ref, subject]));
  const said = named.length ? rename(facts, names) : facts;
  const sealed = named.map(({ ref, subject, key }) =>
    sealPart(entryKeyOf(key, id), id, subject, {
      ref,
      // Others who are named in it can be erased too.
      ...(personal?.[ref] && { data: rename(personal[ref], names) }),
    }),
  );
  const body = canonicalText({
    v: 1,
    ...said,
    tenant: place.tenant,
    seq: place.seq,
    id,
    recordedAt: new Date(place.recordedAt).toISOString(),
    ...(sealed.length && { sealed }),
  });
  return {
    row: {
      tree: place.tree,
      seq: place.seq,
      id,
      recorded_at: place.recordedAt,
      type: said.type,
      outcome: said.outcome,
      actor: said.actor.ref === said.agentRef ? null : said.actor.ref,
      agent_ref: said.agentRef ?? null,
      agent_owner_ref: said.agentOwnerRef ?? null,
      resource_owner_ref: said.resourceOwnerRef ?? null,
      resource: said.resource ?? null,
      run_id: said.runId ?? null,
      retention: said.retention,
      body,
    },
    leaf: leafHash(body),
    subjects: named.map(({ subject }) => subject),
  };
}
