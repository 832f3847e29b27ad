import type { Knex } from 'knex';

const TABLE = 'agent_revoked_tokens';

/** Tokens that were revoked, until they expire by themselves. */
export class RevokedTokenStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  async revoke(jti: string, expiresAt: number): Promise<void> {
    await this.#knex(TABLE)
      .insert({ jti, expires_at: expiresAt })
      .onConflict('jti')
      .ignore();
  }

  async revokedOf(jtis: string[]): Promise<string[]> {
    return jtis.length
      ? this.#knex(TABLE).whereIn('jti', jtis).pluck('jti')
      : [];
  }
}
