import {
  leafHash,
  type LogSigner,
  personsIn,
  rename,
  type TreeHead,
} from '@agentportal/audit-log';
import {
  type AgentOwners,
  decodeCursor,
  encodeCursor,
} from '@agentportal/plugin-agents-node';
import type {
  AuditEntryList,
  AuditHold,
  AuditReceipt,
  AuditRecord,
  AuditStats,
  CreateHoldRequest,
  ProvenEntry,
} from '@agentportal/plugin-governance-common';
import { ConflictError, InputError, NotFoundError } from '@backstage/errors';
import { z } from 'zod/v4';
import type { AuditConfig } from '../config';
import { exportAs, exportLog } from '../export/exportLog';
import { toCef, toOcsf } from '../export/securityFormats';
import type { AuditWriter } from '../log/AuditWriter';
import { toNewEntry } from '../log/toNewEntry';
import { type HoldStore, toHold } from '../retention/HoldStore';
import { entryAboutLog } from '../retention/RetentionStore';
import type { EntryReader } from '../store/EntryReader';
import type { EntryStore } from '../store/EntryStore';
import type { EntryFilter } from '../store/filter';
import type { Subjects } from '../store/Subjects';
import type { TreeRow, TreeStore } from '../store/TreeStore';

const seqSchema = z.number().int();
const DEFAULT_TENANT = 'default';
const DAY_MS = 86_400_000;
const MAX_DAYS = 400;

interface AuditOptions {
  config: AuditConfig;
  entries: EntryStore;
  holds: HoldStore;
  owners: Pick<AgentOwners, 'of'>;
  reader: EntryReader;
  signer: LogSigner;
  subjects: Subjects;
  trees: TreeStore;
  writer: AuditWriter;
}

/** Who does something with the log itself. */
export interface By {
  actor: AuditRecord['actor'];
}

type Page = { limit: number; cursor?: string };

/** What can be done with the audit log. Who may is decided before. */
export class Audit {
  readonly #o: AuditOptions;

  constructor(options: AuditOptions) {
    this.#o = options;
  }

  /** Resolves when all are durable. */
  async record(
    records: AuditRecord[],
    source: string,
  ): Promise<AuditReceipt[]> {
    const { config, owners, writer } = this.#o;
    // An agent on which another one acted has an owner who is to see it as well.
    const otherOf = ({ agentRef, actor, resource }: AuditRecord) =>
      resource?.startsWith('agent:') && resource !== (agentRef ?? actor.ref)
        ? resource
        : undefined;
    const agentRefs = records.flatMap(record =>
      [record.agentRef, otherOf(record)].filter(ref => ref !== undefined),
    );
    const ownerOf = agentRefs.length
      ? await owners.of(agentRefs)
      : new Map<string, string>();
    const all = records.map(record => ({
      tenant: record.tenant ?? DEFAULT_TENANT,
      entry: toNewEntry(record, {
        source,
        retention:
          record.retention ??
          (config.extendedTypes.has(record.type) ? 'extended' : 'standard'),
        agentOwnerRef: record.agentRef && ownerOf.get(record.agentRef),
        resourceOwnerRef: ownerOf.get(otherOf(record) ?? ''),
      }),
    }));
    const receipts = new Map<string, AuditReceipt>();
    for (const tenant of new Set(all.map(each => each.tenant))) {
      const own = all.filter(each => each.tenant === tenant);
      const written = await writer.write(
        tenant,
        own.map(({ entry }) => entry),
      );
      written.forEach(receipt =>
        receipts.set(`${tenant}/${receipt.id}`, receipt),
      );
    }
    return all.map(
      ({ tenant, entry }) => receipts.get(`${tenant}/${entry.id}`)!,
    );
  }

  async list(
    tenant: string | undefined,
    filter: EntryFilter,
    { limit, cursor }: Page,
    order: 'asc' | 'desc' = 'desc',
  ): Promise<AuditEntryList> {
    const beyond = decodeCursor(cursor, seqSchema);
    const tree = await this.#find(tenant);
    if (!tree) {
      return { items: [] };
    }
    const { items, next } = await this.#o.reader.list(tree, filter, {
      limit,
      order,
      beyond,
    });
    return {
      items: items.map(({ entry }) => entry),
      ...(next !== undefined && { nextCursor: encodeCursor(next) }),
    };
  }

  async get(
    tenant: string | undefined,
    id: string,
    filter: EntryFilter,
  ): Promise<ProvenEntry> {
    const { reader, trees } = this.#o;
    const tree = await this.#find(tenant);
    const found = tree && (await reader.get(tree, id, filter));
    if (!found) {
      throw new NotFoundError(
        `There is no entry ${id} in the audit log that you may read.`,
      );
    }
    const head = await this.#headOver(tree, found.seq);
    const hashes = await trees.inclusionProof(tree.id, found.seq, head.size);
    return {
      entry: found.entry,
      text: found.body,
      proof: {
        leafHash: leafHash(found.body).toString('base64url'),
        hashes: hashes.map(hash => hash.toString('base64url')),
        head,
      },
    };
  }

  /** Whole UTC days; the last 30 unless said otherwise. */
  async stats(
    tenant: string | undefined,
    filter: EntryFilter,
  ): Promise<AuditStats> {
    const to = filter.to ?? Date.now() + 1;
    const from = filter.from ?? to - 30 * DAY_MS;
    const first = Math.floor(from / DAY_MS) * DAY_MS;
    const end = Math.ceil(to / DAY_MS) * DAY_MS;
    if (!(first < end) || end - first > MAX_DAYS * DAY_MS) {
      throw new InputError(
        `Ask for 1 to ${MAX_DAYS} days; "from" has to be before "to".`,
      );
    }
    const tree = await this.#find(tenant);
    return tree
      ? this.#o.reader.stats(tree, { ...filter, from: first, to: end })
      : { days: [], types: [], outcomes: [], agents: [] };
  }

  /** The lines of an export, which is an entry itself. */
  async export(
    tenant: string | undefined,
    format: 'jsonl' | 'cef' | 'ocsf',
    filter: EntryFilter,
    described: Record<string, unknown>,
    { actor }: By,
  ): Promise<AsyncGenerator<string>> {
    const { entries, reader, signer, trees } = this.#o;
    const name = tenant ?? DEFAULT_TENANT;
    if (!(await this.#find(name))) {
      throw new NotFoundError(`There is no audit log "${name}".`);
    }
    await entries.append(name, [
      entryAboutLog(
        {
          type: 'other',
          action: 'audit.export',
          actor,
          reason: `Entries were exported as ${format}.`,
          data: { format, filter: described as {} },
        },
        personsIn(JSON.stringify({ actor, described })),
      ),
    ]);
    const head = (await entries.signHead(name))!;
    const tree = { ...(await trees.find(name))!, size: head.size };
    const options = { reader, trees, signer, tree, head, filter, described };
    return format === 'jsonl'
      ? exportLog(options)
      : exportAs(options, format === 'cef' ? toCef : toOcsf);
  }

  async listHeads(tenant: string | undefined, { limit, cursor }: Page) {
    const below = decodeCursor(cursor, seqSchema);
    const tree = await this.#find(tenant);
    const heads = tree
      ? await this.#o.trees.latestHeads(tree.id, limit + 1, below)
      : [];
    const items = heads.slice(0, limit);
    return {
      items,
      ...(heads.length > limit && {
        nextCursor: encodeCursor(items[limit - 1].size),
      }),
    };
  }

  publicKeys() {
    return this.#o.trees.keys();
  }

  async consistency(tenant: string | undefined, from: number, to: number) {
    const tree = await this.#find(tenant);
    if (from > to || to > (tree?.size ?? 0)) {
      throw new InputError(
        `The log has ${
          tree?.size ?? 0
        } entries; "from" must not be more than "to", nor "to" more than that.`,
      );
    }
    const hashes = tree
      ? await this.#o.trees.consistencyProof(tree.id, from, to)
      : [];
    return {
      from,
      to,
      hashes: hashes.map(hash => hash.toString('base64url')),
    };
  }

  /** Destroys the key of a person; gives the number of entries that named them. */
  async erase(
    request: { tenant?: string; personRef: string; reason: string },
    { actor }: By,
  ): Promise<{ entries: number }> {
    const { entries, holds, subjects } = this.#o;
    const ref = readPerson(request.personRef);
    const tenant = request.tenant ?? DEFAULT_TENANT;
    const known = await this.#find(tenant);
    if (!known || !(await subjects.find(known, [ref])).has(ref)) {
      return { entries: 0 };
    }
    let count = 0;
    await entries.append(tenant, async (tx, tree) => {
      const subject = (await subjects.find(tree, [ref], tx)).get(ref);
      if (!subject) {
        return [];
      }
      if (await holds.isOnPerson(tx, tree, subject)) {
        throw new ConflictError(
          `A legal hold is on ${ref} or on entries that name them. Release it first; see the holds of the audit log.`,
        );
      }
      const [row] = await tx('audit_entry_subjects')
        .where({ tree: tree.id, subject })
        .count({ count: '*' });
      count = Number(row.count);
      await subjects.erase(tx, tree, { ref, subject });
      // Nobody is to be named in the words about their erasure, which stay.
      const said = rename(
        {
          type: 'other' as const,
          action: 'audit.person.erase',
          actor,
          resource: subject,
          reason: request.reason,
          data: { entries: count },
        },
        new Map([[ref, subject]]),
      );
      if (isNamedIn(said.reason, ref)) {
        throw new InputError(
          'The reason of an erasure stays in the log. Give it without the name of the person, such as "Asked by letter of 3 May".',
        );
      }
      return [entryAboutLog(said, personsIn(JSON.stringify(said)))];
    });
    return { entries: count };
  }

  async listHolds(tenant: string | undefined, page: Page) {
    const tree = await this.#find(tenant);
    if (!tree) {
      return { items: [] };
    }
    const { rows, nextCursor } = await this.#o.holds.list(tree, page);
    const refs = await this.#o.subjects.refsOf(
      rows.flatMap(({ subject }) => subject ?? []),
    );
    return {
      items: rows.map(row =>
        toHold(row, tree.tenant, refs.get(row.subject ?? '')),
      ),
      ...(nextCursor && { nextCursor }),
    };
  }

  async createHold(
    request: CreateHoldRequest,
    { actor }: By,
  ): Promise<AuditHold> {
    const { entries, holds, subjects } = this.#o;
    const { tenant = DEFAULT_TENANT, reason, agentRef, runId } = request;
    const personRef = request.personRef && readPerson(request.personRef);
    let id = '';
    await entries.append(tenant, async (tx, tree) => {
      const subject =
        personRef &&
        (await subjects.ensure(tx, tree, new Set([personRef]))).get(personRef)!
          .subject;
      id = await holds.create(tx, tree, {
        ...{ reason, agentRef, runId, subject },
        createdBy: actor.ref,
      });
      return [
        entryAboutHold('audit.hold.create', id, actor, reason, {
          ...{ agentRef, personRef, runId },
        }),
      ];
    });
    return this.#hold(id);
  }

  async releaseHold(
    id: string,
    reason: string,
    { actor }: By,
  ): Promise<AuditHold> {
    const { entries, holds } = this.#o;
    const tenant = await this.#tenantOf((await holds.get(id)).tree);
    await entries.append(tenant, async tx =>
      (await holds.release(tx, id, { releasedBy: actor.ref, reason }))
        ? [entryAboutHold('audit.hold.release', id, actor, reason)]
        : [],
    );
    return this.#hold(id);
  }

  async #hold(id: string): Promise<AuditHold> {
    const row = await this.#o.holds.get(id);
    const refs = await this.#o.subjects.refsOf(
      row.subject ? [row.subject] : [],
    );
    return toHold(
      row,
      await this.#tenantOf(row.tree),
      refs.get(row.subject ?? ''),
    );
  }

  /** A signed head over an entry; the latest, or one that is signed for it. */
  async #headOver(tree: TreeRow, seq: number): Promise<TreeHead> {
    if (seq < tree.headSize) {
      const [head] = await this.#o.trees.latestHeads(tree.id, 1);
      return head;
    }
    return (await this.#o.entries.signHead(tree.tenant))!;
  }

  #find(tenant = DEFAULT_TENANT): Promise<TreeRow | undefined> {
    return this.#o.trees.find(tenant);
  }

  async #tenantOf(tree: number): Promise<string> {
    const trees = await this.#o.trees.list();
    return trees.find(({ id }) => id === tree)!.tenant;
  }
}

/** Whether all parts of the name of a person are words of a text. */
function isNamedIn(text: string, personRef: string): boolean {
  const wordsOf = (of: string) => of.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  const words = new Set(wordsOf(text));
  return wordsOf(personRef.slice(personRef.indexOf('/') + 1)).every(part =>
    words.has(part),
  );
}

function readPerson(ref: string): string {
  const [person] = personsIn(ref);
  if (person !== ref.toLowerCase()) {
    throw new InputError(
      `"${ref}" is not the entity ref of a person, such as user:default/dana.`,
    );
  }
  return person;
}

function entryAboutHold(
  action: string,
  id: string,
  actor: AuditRecord['actor'],
  reason: string,
  data: Record<string, string | undefined> = {},
) {
  const said = {
    type: 'other' as const,
    action,
    actor,
    resource: `hold:${id}`,
    reason,
    data: Object.fromEntries(
      Object.entries(data).filter(([, value]) => value !== undefined),
    ) as Record<string, string>,
  };
  return entryAboutLog(said, personsIn(JSON.stringify(said)));
}
