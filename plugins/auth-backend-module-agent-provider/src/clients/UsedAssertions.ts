import { createHash } from 'node:crypto';
import {
  type DatabaseService,
  resolvePackagePath,
} from '@backstage/backend-plugin-api';
import { ServiceUnavailableError } from '@backstage/errors';
import type { Knex } from 'knex';

const TABLE = 'agent_provider_assertions';

/** Remembers, for all replicas, which assertions were used, so that none is used twice. */
export class UsedAssertions {
  readonly #client: Knex;

  static async create(database: DatabaseService): Promise<UsedAssertions> {
    const client = await database.getClient();
    if (!database.migrations?.skip) {
      await client.migrate.latest({
        directory: resolvePackagePath(
          '@agentportal/plugin-auth-backend-module-agent-provider',
          'migrations',
        ),
        // The database belongs to the auth plugin, which keeps a list of its own.
        tableName: 'agent_provider_migrations',
      });
    }
    return new UsedAssertions(client);
  }

  private constructor(client: Knex) {
    this.#client = client;
  }

  /** Whether this is the first use of an assertion; from now on it is used. */
  async use(issuer: string, jti: string, expiresAt: Date): Promise<boolean> {
    const id = createHash('sha256')
      .update(JSON.stringify([issuer, jti]))
      .digest('hex');
    try {
      const inserted = await this.#client(TABLE)
        .insert({ id, expires_at: expiresAt.getTime() })
        .onConflict('id')
        .ignore()
        .returning('id');
      return inserted.length > 0;
    } catch (error) {
      throw new ServiceUnavailableError(
        'The database of the auth plugin does not answer.',
        error as Error,
      );
    }
  }

  /** Forgets what would be refused for its age. */
  async forget(now = Date.now()): Promise<void> {
    await this.#client(TABLE).where('expires_at', '<', now).delete();
  }
}
