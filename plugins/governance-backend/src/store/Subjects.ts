import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import {
  entryKeyOf,
  MasterSecret,
  openPart,
  type SealedPart,
} from '@agentportal/audit-log';
import type { Knex } from 'knex';
import { LRUCache } from 'lru-cache';
import type { TreeRow } from './TreeStore';

/** A person as entries call them, with the key of what they say of them. */
export interface Subject {
  subject: string;
  key: KeyObject;
}

const KEY_BYTES = 32;
/** Ids in one statement, below what every database takes. */
const CHUNK = 500;

/** The persons of the logs, and their keys. */
export class Subjects {
  readonly #knex: Knex;
  /** The first wraps, the others still open what they have wrapped. */
  readonly #secrets: MasterSecret[];
  readonly #known = new LRUCache<string, Subject>({ max: 10_000 });
  readonly #erasures = new Map<number, number>();

  constructor(knex: Knex, secrets: MasterSecret[]) {
    this.#knex = knex;
    this.#secrets = secrets;
  }

  /**
   * The subjects of persons, made where there is none. For a transaction that holds
   * the log: who was erased before it is not found, and who is erased comes after.
   */
  async ensure(
    tx: Knex.Transaction,
    tree: TreeRow,
    refs: ReadonlySet<string>,
  ): Promise<Map<string, Subject>> {
    if (this.#erasures.get(tree.id) !== tree.erasures) {
      this.#known.clear();
      this.#erasures.set(tree.id, tree.erasures);
    }
    const subjects = new Map<string, Subject>();
    const unknown: string[] = [];
    for (const ref of refs) {
      const known = this.#known.get(`${tree.id}/${ref}`);
      if (known) subjects.set(ref, known);
      else unknown.push(ref);
    }
    for (let at = 0; at < unknown.length; at += CHUNK) {
      const some = unknown.slice(at, at + CHUNK);
      const found = await this.#find(tree, some, tx);
      const made = some
        .filter(ref => !found.has(ref))
        .map(ref => ({
          ref,
          subject: `subject:${randomBytes(16).toString('base64url')}`,
          key: randomBytes(KEY_BYTES),
        }));
      const [secret] = this.#secrets;
      if (made.length) {
        await tx('audit_subjects').insert(
          made.map(({ ref, subject, key }) => ({
            subject,
            tree: tree.id,
            lookup: secret.lookupOf(tree.tenant, ref),
            secret_id: secret.id,
            // With the key, so that both are gone at once.
            wrapped_key: secret.wrap(
              subject,
              Buffer.concat([key, Buffer.from(ref)]),
            ),
          })),
        );
        made.forEach(({ ref, subject, key }) =>
          found.set(ref, { subject, key: createSecretKey(key) }),
        );
      }
      found.forEach((subject, ref) => subjects.set(ref, subject));
    }
    return subjects;
  }

  /**
   * The subjects of persons, if all of them are remembered and nobody was erased from
   * this state of the log before.
   */
  known(
    tree: TreeRow,
    refs: readonly string[],
  ): Map<string, Subject> | undefined {
    if (this.#erasures.get(tree.id) !== tree.erasures) {
      return undefined;
    }
    const subjects = new Map<string, Subject>();
    for (const ref of refs) {
      const subject = this.#known.get(`${tree.id}/${ref}`);
      if (!subject) {
        return undefined;
      }
      subjects.set(ref, subject);
    }
    return subjects;
  }

  /** Keeps what a transaction made, once it is durable. */
  remember(tree: TreeRow, subjects: ReadonlyMap<string, Subject>): void {
    if (this.#erasures.get(tree.id) !== tree.erasures) {
      return;
    }
    subjects.forEach((subject, ref) =>
      this.#known.set(`${tree.id}/${ref}`, subject),
    );
  }

  /** What entries call these persons; who was erased, or never named, is not there. */
  async find(
    tree: TreeRow,
    refs: string[],
    tx: Knex = this.#knex,
  ): Promise<Map<string, string>> {
    const found = await this.#find(tree, refs, tx);
    return new Map([...found].map(([ref, { subject }]) => [ref, subject]));
  }

  /** Who subjects are; who was erased is not there. */
  async refsOf(subjects: string[]): Promise<Map<string, string>> {
    const rows = await this.#knex('audit_subjects').whereIn(
      'subject',
      subjects,
    );
    return new Map(rows.map(row => [row.subject, this.#unwrap(row).ref]));
  }

  /** Removes those of these persons whom neither an entry nor a hold names any more. */
  async forget(
    tx: Knex.Transaction,
    tree: TreeRow,
    subjects: string[],
  ): Promise<void> {
    let count = 0;
    for (let at = 0; at < subjects.length; at += CHUNK) {
      count += await tx('audit_subjects')
        .whereIn('subject', subjects.slice(at, at + CHUNK))
        .whereNotExists(
          tx('audit_entry_subjects as named')
            .select(tx.raw('1'))
            .where('named.tree', tree.id)
            .where('named.subject', tx.ref('audit_subjects.subject')),
        )
        .whereNotExists(
          tx('audit_holds as hold')
            .select(tx.raw('1'))
            .where('hold.tree', tree.id)
            .where('hold.subject', tx.ref('audit_subjects.subject')),
        )
        .delete();
    }
    if (count > 0) {
      this.#changed(tree);
    }
  }

  /** Destroys the key of a person, and where else they are named. */
  async erase(
    tx: Knex.Transaction,
    tree: TreeRow,
    { ref, subject }: { ref: string; subject: string },
  ): Promise<void> {
    await tx('audit_subjects').where({ subject }).delete();
    for (const column of ['created_by', 'released_by']) {
      await tx('audit_holds')
        .where({ [column]: ref })
        .update({ [column]: subject });
    }
    this.#changed(tree);
  }

  /** No process goes on with a key that is gone. */
  #changed(tree: TreeRow): void {
    // The row is written when the transaction ends.
    tree.erasures += 1;
    this.#known.clear();
  }

  /**
   * Opens the personal parts of entries.
   *
   * @returns for an entry, its open parts, and the key for each of them
   */
  async open(entries: Array<{ id: string; sealed?: SealedPart[] }>) {
    const subjects = new Set(
      entries.flatMap(({ sealed = [] }) => sealed.map(part => part.subject)),
    );
    const keys = new Map<string, KeyObject>();
    const all = [...subjects];
    for (let at = 0; at < all.length; at += CHUNK) {
      const rows = await this.#knex('audit_subjects').whereIn(
        'subject',
        all.slice(at, at + CHUNK),
      );
      rows.forEach(row => keys.set(row.subject, this.#unwrap(row).key));
    }
    return ({ id, sealed = [] }: { id: string; sealed?: SealedPart[] }) =>
      sealed.flatMap(part => {
        const subjectKey = keys.get(part.subject);
        if (!subjectKey) {
          return [];
        }
        const key = entryKeyOf(subjectKey, id);
        return [{ subject: part.subject, key, ...openPart(key, id, part) }];
      });
  }

  async #find(tree: TreeRow, refs: string[], tx: Knex) {
    const byLookup = new Map(
      refs.flatMap(ref =>
        this.#secrets.map(secret => [secret.lookupOf(tree.tenant, ref), ref]),
      ),
    );
    const rows = await tx('audit_subjects')
      .where({ tree: tree.id })
      .whereIn('lookup', [...byLookup.keys()]);
    return new Map<string, Subject>(
      rows.map(row => [
        byLookup.get(row.lookup)!,
        { subject: row.subject, key: this.#unwrap(row).key },
      ]),
    );
  }

  #unwrap(row: { subject: string; secret_id: string; wrapped_key: string }) {
    const secret = this.#secrets.find(({ id }) => id === row.secret_id);
    if (!secret) {
      throw new Error(
        `The key of ${row.subject} was wrapped with the secret ${row.secret_id}, which governance.audit.secrets does not have any more; add it behind the first one.`,
      );
    }
    const opened = secret.unwrap(row.subject, row.wrapped_key);
    return {
      key: createSecretKey(opened.subarray(0, KEY_BYTES)),
      ref: opened.subarray(KEY_BYTES).toString('utf8'),
    };
  }
}
