import type { Knex } from 'knex';
import type { StoredTime } from '../store/times';

/** A row of `agent_credentials`. */
export interface CredentialRow {
  id: string;
  agent_ref: string;
  kind: 'secret' | 'public-key';
  title: string;
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
  revoke_reason: string | null;
}

const TABLE = 'agent_credentials';
/** A busy client proves itself many times a second; that it does so is told once. */
const NOTE_USE_EVERY_MS = 60_000;

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
