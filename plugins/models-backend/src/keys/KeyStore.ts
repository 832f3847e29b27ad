import { ConflictError, NotFoundError } from '@backstage/errors';
import type { Knex } from 'knex';
import { type KeySecret, type ModelKey } from './key';
import { type KeyRow, type SecretRow, toKey, toRow, toSecret } from './rows';
import { type MintedSecret, mintSecret } from './secrets';
import { KEY_CHANGES, KEY_VERSION, KEYS, SECRETS } from './tables';

/** So many secrets of a key may be good at once. */
const MAX_SECRETS = 5;

/** What of a key can be changed. */
export type KeyTerms = Pick<ModelKey, 'title' | 'models' | 'expiresAt'>;

/** What happened to a key, as its history keeps it. */
export interface KeyChange {
  id: number;
  at: number;
  by: string;
  action: 'created' | 'updated' | 'rotated' | 'revoked';
  details?: Record<string, unknown>;
}

/** Keeps keys, the digests of their secrets, and who did what with them. */
export class KeyStore {
  readonly #db: Knex;

  constructor(db: Knex) {
    this.#db = db;
  }

  /** A number that moves with every change that a process has to know of. */
  async version(): Promise<number> {
    const row = await this.#db(KEY_VERSION).first('version').where({ id: 1 });
    return Number(row?.version);
  }

  async get(id: string): Promise<ModelKey> {
    return found(id, await this.#db(KEYS).where({ id }).first());
  }

  async byIds(ids: string[]): Promise<Map<string, ModelKey>> {
    const rows: KeyRow[] = await this.#db(KEYS).whereIn('id', ids);
    return new Map(rows.map(row => [row.id, toKey(row)]));
  }

  /** The secrets of keys, the newest of each first. */
  async secretsOf(ids: string[]): Promise<KeySecret[]> {
    const rows: SecretRow[] = await this.#db(SECRETS)
      .whereIn('key_id', ids)
      .orderBy('id', 'desc');
    return rows.map(toSecret);
  }

  async create(key: ModelKey, secret: MintedSecret): Promise<void> {
    await this.#change(async trx => {
      await trx(KEYS).insert(toRow(key));
      await insertSecret(trx, key.id, secret, key.createdAt);
      const { title, ownerRef, systemRef, models, expiresAt } = key;
      await record(trx, {
        keyId: key.id,
        at: key.createdAt,
        by: key.createdBy,
        action: 'created',
        details: { title, ownerRef, systemRef, models, expiresAt },
      });
    });
  }

  async update(id: string, terms: KeyTerms, by: string): Promise<ModelKey> {
    const at = Date.now();
    return this.#change(async trx => {
      const before = await notRevoked(trx, id);
      const after: ModelKey = { ...before, ...terms, updatedAt: at };
      await trx(KEYS).where({ id }).update(toRow(after));
      const was = { ...before } as Record<string, unknown>;
      const changed = Object.entries(terms).filter(
        ([field, value]) => String(was[field]) !== String(value),
      );
      await record(trx, {
        keyId: id,
        at,
        by,
        action: 'updated',
        details: Object.fromEntries(
          changed.map(([field, value]) => [
            field,
            { before: was[field] ?? null, after: value ?? null },
          ]),
        ),
      });
      return after;
    });
  }

  /**
   * Gives a key a new secret; those that it has are good for a while yet.
   *
   * @param overlapMs - for how long; with 0 they end now
   */
  async rotate(
    id: string,
    overlapMs: number,
    by: string,
  ): Promise<MintedSecret> {
    const at = Date.now();
    const secret = mintSecret(id);
    await this.#change(async trx => {
      await notRevoked(trx, id);
      const endsAt = at + overlapMs;
      await trx(SECRETS)
        .where({ key_id: id })
        .where(open =>
          open.whereNull('ends_at').orWhere('ends_at', '>', endsAt),
        )
        .update({ ends_at: endsAt });
      const [{ good }] = await trx(SECRETS)
        .where({ key_id: id })
        .where('ends_at', '>', at)
        .count({ good: '*' });
      if (Number(good) >= MAX_SECRETS) {
        throw new ConflictError(
          `${MAX_SECRETS} secrets of this key are good still; wait for one to end, or rotate with \`overlapSeconds: 0\`.`,
        );
      }
      await insertSecret(trx, id, secret, at);
      await record(trx, {
        keyId: id,
        at,
        by,
        action: 'rotated',
        details: { othersEndAt: endsAt },
      });
    });
    return secret;
  }

  /** Ends a key for good; one that is revoked stays as it is. */
  async revoke(id: string, by: string): Promise<ModelKey> {
    const at = Date.now();
    return this.#change(async trx => {
      const key = found(id, await trx(KEYS).where({ id }).first());
      if (key.revokedAt !== undefined) {
        return key;
      }
      const after = { ...key, revokedAt: at, revokedBy: by, updatedAt: at };
      await trx(KEYS).where({ id }).update(toRow(after));
      await record(trx, { keyId: id, at, by, action: 'revoked' });
      return after;
    });
  }

  /** The changes of a key, the newest first. */
  async history(
    id: string,
    page: { limit: number; before?: number },
  ): Promise<KeyChange[]> {
    const query = this.#db(KEY_CHANGES)
      .where({ key_id: id })
      .orderBy('id', 'desc')
      .limit(page.limit);
    if (page.before !== undefined) {
      query.where('id', '<', page.before);
    }
    return (await query).map(row => ({
      id: row.id,
      at: Number(row.at),
      by: row.by,
      action: row.action,
      details: row.details ? JSON.parse(row.details) : undefined,
    }));
  }

  /** Notes the day of a use, which no process needs to be told of. */
  async touch(secretId: number, day: number): Promise<void> {
    await this.#db(SECRETS)
      .where({ id: secretId })
      .where(older =>
        older.whereNull('last_used_on').orWhere('last_used_on', '<', day),
      )
      .update({ last_used_on: day });
  }

  /**
   * Changes keys and moves the version in one transaction. The version goes
   * first: its row makes writers queue, so it never moves past a change that is
   * not there to be read yet.
   */
  async #change<T>(work: (trx: Knex.Transaction) => Promise<T>): Promise<T> {
    return this.#db.transaction(async trx => {
      await trx(KEY_VERSION).where({ id: 1 }).increment('version');
      return work(trx);
    });
  }
}

function found(id: string, row: KeyRow | undefined): ModelKey {
  if (!row) {
    throw new NotFoundError(
      `There is no key ${id}; the list of keys has all ids.`,
    );
  }
  return toKey(row);
}

async function notRevoked(trx: Knex, id: string): Promise<ModelKey> {
  const key = found(id, await trx(KEYS).where({ id }).first());
  if (key.revokedAt !== undefined) {
    throw new ConflictError(
      `The key was revoked by ${key.revokedBy}, which is for good; make another one.`,
    );
  }
  return key;
}

async function insertSecret(
  trx: Knex,
  keyId: string,
  secret: MintedSecret,
  at: number,
): Promise<void> {
  await trx(SECRETS).insert({
    key_id: keyId,
    digest: secret.digest,
    ending: secret.ending,
    created_at: at,
  });
}

async function record(
  trx: Knex,
  change: Omit<KeyChange, 'id'> & { keyId: string },
): Promise<void> {
  const { action, at, by, details, keyId } = change;
  await trx(KEY_CHANGES).insert({
    key_id: keyId,
    at,
    by,
    action,
    details: details ? JSON.stringify(details) : null,
  });
}
