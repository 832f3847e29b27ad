import { readPage } from '@agentportal/plugin-agents-node';
import { ConflictError } from '@backstage/errors';
import type { Knex } from 'knex';
import { iso, type StoredTime } from '../store/times';

/** A row of `agent_credentials`. */
export interface CredentialRow {
  id: string;
  agent_ref: string;
  kind: 'secret' | 'public-key';
  title: string;
  /** Where the agent came from when it was made. */
  origin: string | null;
  secret_hash: string | null;
  ending: string | null;
  public_jwk: string | null;
  key_id: string | null;
  created_by: string;
  created_at: StoredTime;
  expires_at: StoredTime;
  last_used_at: StoredTime | null;
  replaces_id: string | null;
  replaced_by_id: string | null;
  reminded_at: StoredTime | null;
  revoked_at: StoredTime | null;
  revoked_by: string | null;
}

const TABLE = 'agent_credentials';
/** A busy client proves itself many times a second; that it does so is told once. */
const NOTE_USE_EVERY_MS = 60_000;
/** In one go; the next one goes on. */
const MAX_REMINDERS = 500;

/** What programs prove with that they are an agent: digests and public keys. */
export class CredentialStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  async get(id: string): Promise<CredentialRow | undefined> {
    return this.#knex(TABLE).where('id', id).first();
  }

  /** Public keys of an agent that are good now. */
  async goodKeys(
    agentRef: string,
    keyIds: string[],
    now: number,
  ): Promise<CredentialRow[]> {
    const select = this.#knex(TABLE)
      .where({ agent_ref: agentRef, kind: 'public-key' })
      .whereNull('revoked_at')
      .andWhere('expires_at', '>', now)
      .orderBy('created_at', 'desc');
    return keyIds.length ? select.whereIn('key_id', keyIds) : select;
  }

  /** Who made the credentials of some agents that are good now. */
  async makers(agentRefs: string[], now: number): Promise<string[]> {
    return agentRefs.length
      ? this.#knex(TABLE)
          .whereIn('agent_ref', agentRefs)
          .whereNull('revoked_at')
          .andWhere('expires_at', '>', now)
          .distinct()
          .pluck('created_by')
      : [];
  }

  /** Credentials of an agent, the newest first. */
  async page(agentRef: string, page: { limit: number; cursor?: string }) {
    return readPage<CredentialRow>(
      this.#knex(TABLE).where('agent_ref', agentRef),
      'created_at',
      page,
    );
  }

  /**
   * Adds one, unless the agent has enough of them that are good.
   *
   * @throws ConflictError
   */
  async add(row: CredentialRow, limit: number, now: number): Promise<void> {
    const good = await this.#knex(TABLE)
      .where('agent_ref', row.agent_ref)
      .whereNull('revoked_at')
      .andWhere('expires_at', '>', now)
      .select<CredentialRow[]>('id', 'key_id')
      .limit(limit);
    if (good.length >= limit) {
      throw new ConflictError(
        `${row.agent_ref} has ${limit} credentials that are good, which is as many as it may have. Revoke one that nobody uses.`,
      );
    }
    if (row.key_id && good.some(each => each.key_id === row.key_id)) {
      throw new ConflictError(
        `${row.agent_ref} has a key with the id ${row.key_id} already. Give the new one another kid.`,
      );
    }
    await this.#knex(TABLE).insert(row);
  }

  /**
   * Adds the next of a credential, which from then on is good for a while only.
   *
   * @throws ConflictError when somebody else replaced or revoked it meanwhile
   */
  async replace(
    old: CredentialRow,
    next: CredentialRow,
    oldExpiresAt: number,
  ): Promise<void> {
    await this.#knex.transaction(async tx => {
      const replaced = await tx(TABLE)
        .where('id', old.id)
        .whereNull('replaced_by_id')
        .whereNull('revoked_at')
        .update({ replaced_by_id: next.id, expires_at: oldExpiresAt });
      if (!replaced) {
        throw new ConflictError(
          'The credential was rotated or revoked a moment ago; look at the list again.',
        );
      }
      await tx(TABLE).insert(next);
    });
  }

  async revoke(id: string, by: string, now: number): Promise<void> {
    await this.#knex(TABLE)
      .where('id', id)
      .whereNull('revoked_at')
      .update({ revoked_at: now, revoked_by: by });
  }

  /** Those of some agents that were revoked, or of which a token was made, after a time, by agent. */
  async recent(
    agentRefs: readonly string[],
    since: number,
  ): Promise<Map<string, CredentialRow[]>> {
    const rows: CredentialRow[] = agentRefs.length
      ? await this.#knex(TABLE)
          .whereIn('agent_ref', agentRefs)
          .andWhere(either =>
            either
              .where('revoked_at', '>', since)
              .orWhere('last_used_at', '>', since - NOTE_USE_EVERY_MS),
          )
      : [];
    return Map.groupBy(rows, row => row.agent_ref);
  }

  /** Those that expire before a time, have no next one, and were not told of. */
  async expiringBefore(before: number, now: number): Promise<CredentialRow[]> {
    return this.#knex(TABLE)
      .where('expires_at', '>', now)
      .andWhere('expires_at', '<', before)
      .whereNull('revoked_at')
      .whereNull('replaced_by_id')
      .whereNull('reminded_at')
      .orderBy('expires_at')
      .limit(MAX_REMINDERS);
  }

  async noteReminder(id: string, now: number): Promise<void> {
    await this.#knex(TABLE).where('id', id).update({ reminded_at: now });
  }

  /** Notes that it was used, at most once a minute; tells whether it did. */
  async noteUse(id: string, now: number): Promise<boolean> {
    const written = await this.#knex(TABLE)
      .where('id', id)
      .andWhere(before =>
        before
          .whereNull('last_used_at')
          .orWhere('last_used_at', '<=', now - NOTE_USE_EVERY_MS),
      )
      .update({ last_used_at: now });
    return written > 0;
  }
}

/** Of which credentials no token is good, since they were revoked or the name is another agent's now. */
export function endedAmong(
  rows: CredentialRow[],
  origin: string | null,
): Array<{ id: string; at: string }> {
  return rows.flatMap(row => {
    if (row.revoked_at !== null) {
      return { id: row.id, at: iso(row.revoked_at) };
    }
    // Tokens of it were made until then at most.
    const until = Number(row.last_used_at) + NOTE_USE_EVERY_MS;
    return row.origin === origin ? [] : { id: row.id, at: iso(until) };
  });
}
