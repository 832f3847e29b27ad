import {
  canonicalRenamed,
  entryKeyOf,
  leafHash,
  type PersonalPart,
  rename,
  renameText,
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
  /** Made ahead, with the names and keys that persons had then. */
  sealed?: SealedEntry & { erasures: number };
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
 * hash can be made, and no act stays out of the log for it. And its text.
 */
export function wellFormed<T>(value: T): { value: T; text: string } {
  const given = JSON.stringify(value);
  const text = given.replace(ESCAPED, found =>
    found === '\\\\' ? found : '\ufffd',
  );
  return { value: text === given ? value : JSON.parse(text), text };
}

/** An entry in all but its place in the log. */
export interface SealedEntry {
  row: Omit<SealedRow, 'tree' | 'seq' | 'recorded_at' | 'body'>;
  /** The subjects of those whom it names. */
  subjects: string[];
  /** The canonical text, with {@link placeEntry} between each two of these. */
  text: [string, string, string];
}

/**
 * Encrypts what is personal, and writes the text that the tree is made of, but for the
 * place. That is most of the work, and needs nobody to wait.
 */
export function sealEntry(
  { id, facts, persons, personal }: NewEntry,
  tenant: string,
  subjects: ReadonlyMap<string, Subject>,
): SealedEntry {
  const named = persons.map(ref => ({ ref, ...subjects.get(ref)! }));
  const names = new Map(named.map(({ ref, subject }) => [ref, subject]));
  const sealed = named.map(({ ref, subject, key }) =>
    sealPart(entryKeyOf(key, id), id, subject, {
      ref,
      // Others who are named in it can be erased too.
      ...(personal?.[ref] && { data: rename(personal[ref], names) }),
    }),
  );
  const nameOf = (ref?: string) => (ref ? renameText(ref, names) : null);
  const { actor, agentRef } = facts;
  return {
    row: {
      id,
      type: facts.type,
      outcome: facts.outcome,
      actor: actor.ref === agentRef ? null : nameOf(actor.ref),
      agent_ref: nameOf(agentRef),
      agent_owner_ref: nameOf(facts.agentOwnerRef),
      resource_owner_ref: nameOf(facts.resourceOwnerRef),
      resource: nameOf(facts.resource),
      run_id: nameOf(facts.runId),
      retention: facts.retention,
    },
    subjects: named.map(({ subject }) => subject),
    text: textAround(
      { v: 1, ...facts, tenant, id, ...(sealed.length && { sealed }) },
      names,
    ),
  };
}

/** Gives an entry its place; nothing else of it changes. */
export function placeEntry(
  { row, text: [before, between, after] }: SealedEntry,
  place: { tree: number; seq: number; recordedAt: number },
  /** `recordedAt` as text. */
  time: string,
): { row: SealedRow; leaf: Buffer } {
  const { tree, seq, recordedAt } = place;
  const body = `${before}"recordedAt":"${time}"${between}"seq":${seq}${after}`;
  return {
    row: { ...row, tree, seq, recorded_at: recordedAt, body },
    leaf: leafHash(body),
  };
}

/** Canonical text has its keys in order, so the place stands between three parts. */
function textAround(
  entry: object,
  names: ReadonlyMap<string, string>,
): SealedEntry['text'] {
  const parts: Array<Record<string, unknown>> = [{}, {}, {}];
  for (const [key, value] of Object.entries(entry)) {
    parts[Number(key > 'recordedAt') + Number(key > 'seq')][key] = value;
  }
  const [before, between, after] = parts.map(part =>
    canonicalRenamed(part, names).slice(1, -1),
  );
  return [`{${before},`, `,${between},`, `,${after}}`];
}
