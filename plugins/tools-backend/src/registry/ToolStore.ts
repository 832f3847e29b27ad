import {
  resolvePackagePath,
  type DatabaseService,
} from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';
import {
  fromServerRow,
  fromToolRow,
  toServerRow,
  toToolRow,
  type ServerRow,
  type ToolRow,
} from './rows';
import type { ServerRecord, ToolRecord } from './records';

/** Keeps servers and their tools across restarts and outages. */
export class ToolStore {
  readonly #db: Knex;

  private constructor(db: Knex) {
    this.#db = db;
  }

  /** Opens the plugin's database and brings its tables up to date. */
  static async create(database: DatabaseService): Promise<ToolStore> {
    const db = await database.getClient();
    if (!database.migrations?.skip) {
      await db.migrate.latest({
        directory: resolvePackagePath(
          '@agentportal/plugin-tools-backend',
          'migrations',
        ),
      });
    }
    return new ToolStore(db);
  }

  /** Counts the changes of the registry, by whichever process. */
  async revision(): Promise<number> {
    const row = await this.#state();
    return Number(row.revision);
  }

  /** When all servers were last visited, ms UTC. */
  async reconciledAt(): Promise<number | undefined> {
    const row = await this.#state();
    return row.reconciled_at === null ? undefined : Number(row.reconciled_at);
  }

  async markReconciled(at: number): Promise<void> {
    await this.#db('registry_state')
      .where({ id: 1 })
      .update({ reconciled_at: at });
  }

  async listServers(): Promise<ServerRecord[]> {
    const rows = await this.#db<ServerRow>('servers').orderBy('name');
    return rows.map(fromServerRow);
  }

  async listTools(): Promise<ToolRecord[]> {
    const rows = await this.#db<ToolRow>('tools').select();
    return rows.map(fromToolRow).sort((a, b) => compare(a.name, b.name));
  }

  async listToolsOf(serverRef: string): Promise<ToolRecord[]> {
    const rows = await this.#db<ToolRow>('tools').where({
      server_ref: serverRef,
    });
    return rows.map(fromToolRow);
  }

  /** Writes a server and exactly these tools of it, all or nothing. */
  async saveServer(server: ServerRecord, tools: ToolRecord[]): Promise<void> {
    await this.#db.transaction(async tx => {
      await tx<ServerRow>('servers')
        .insert(toServerRow(server))
        .onConflict('ref')
        .merge();
      const kept = new Set(tools.map(tool => tool.name));
      const before = await tx<ToolRow>('tools')
        .where({ server_ref: server.ref })
        .select('name');
      for (const { name } of before) {
        if (!kept.has(name)) {
          await tx('tools').where({ name }).delete();
        }
      }
      for (const tool of tools) {
        await tx<ToolRow>('tools')
          .insert(toToolRow(tool))
          .onConflict('name')
          .merge();
      }
      await bump(tx);
    });
  }

  /** Forgets the servers that the catalog names no more, with their tools. */
  async removeServersExcept(refs: string[]): Promise<void> {
    const kept = new Set(refs);
    await this.#db.transaction(async tx => {
      const rows = await tx<ServerRow>('servers').select('ref');
      const gone = rows.filter(row => !kept.has(row.ref));
      for (const { ref } of gone) {
        // SQLite enforces foreign keys only when asked, so not by cascade.
        await tx('tools').where({ server_ref: ref }).delete();
        await tx('servers').where({ ref }).delete();
      }
      if (gone.length > 0) {
        await bump(tx);
      }
    });
  }

  async #state() {
    return this.#db('registry_state').where({ id: 1 }).first();
  }
}

/** Code point order, the same on every machine and database. */
export function compare(a: string, b: string): number {
  if (a === b) {
    return 0;
  }
  return a < b ? -1 : 1;
}

async function bump(tx: Knex.Transaction) {
  await tx('registry_state').where({ id: 1 }).increment('revision', 1);
}
