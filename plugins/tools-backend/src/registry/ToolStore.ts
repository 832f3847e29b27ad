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

const NAMES_PER_QUERY = 200;

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

  /** Counts the changes of tools, by whichever process. */
  async revision(): Promise<number> {
    const row = await this.#state();
    return Number(row.revision);
  }

  /** When all servers were last visited, ms UTC. */
  async reconciledAt(): Promise<number | undefined> {
    const row = await this.#state();
    return row.reconciled_at === null ? undefined : Number(row.reconciled_at);
  }

  /** Since when the catalog may have changed, whichever process noticed; ms UTC. */
  async catalogChangedAt(): Promise<number> {
    const row = await this.#state();
    return Number(row.catalog_changed_at);
  }

  async markCatalogChanged(at: number): Promise<void> {
    await this.#db('registry_state')
      .where({ id: 1 })
      .update({ catalog_changed_at: at });
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

  async getServer(ref: string): Promise<ServerRecord | undefined> {
    const row = await this.#db<ServerRow>('servers').where({ ref }).first();
    return row && fromServerRow(row);
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

  /** Tools of other servers that have one of these names or refs. */
  async listTaken(
    serverRef: string,
    wanted: Array<{ name: string; ref: string }>,
  ): Promise<Array<{ name: string; ref: string; serverRef: string }>> {
    const taken = [];
    for (let i = 0; i < wanted.length; i += NAMES_PER_QUERY) {
      const some = wanted.slice(i, i + NAMES_PER_QUERY);
      taken.push(
        ...(await this.#db<ToolRow>('tools')
          .whereNot({ server_ref: serverRef })
          .andWhere(either =>
            either
              .whereIn(
                'name',
                some.map(({ name }) => name),
              )
              .orWhereIn(
                'ref',
                some.map(({ ref }) => ref),
              ),
          )
          .select('name', 'ref', 'server_ref')),
      );
    }
    return taken.map(({ server_ref, ...tool }) => ({
      ...tool,
      serverRef: server_ref,
    }));
  }

  /**
   * Writes a server and exactly these tools of it, all or nothing.
   *
   * @returns whether any of the tools has changed.
   */
  async saveServer(
    server: ServerRecord,
    tools: ToolRecord[],
  ): Promise<boolean> {
    return this.#db.transaction(async tx => {
      await tx<ServerRow>('servers')
        .insert(toServerRow(server))
        .onConflict('ref')
        .merge();
      const rows = await tx<ToolRow>('tools').where({ server_ref: server.ref });
      const before = new Map(
        rows.map(row => [
          row.name,
          JSON.stringify(toToolRow(fromToolRow(row))),
        ]),
      );
      const wanted = new Set(tools.map(({ name }) => name));
      const gone = [...before.keys()].filter(name => !wanted.has(name));
      let changed = gone.length > 0;
      // First, because a new spelling of a name has the ref of the old one.
      for (const name of gone) {
        await tx('tools').where({ name }).delete();
      }
      for (const row of tools.map(toToolRow)) {
        if (before.get(row.name) !== JSON.stringify(row)) {
          changed = true;
          await tx<ToolRow>('tools')
            .insert(row)
            .onConflict('name')
            .merge()
            // Another server has taken the name meanwhile.
            .where('tools.server_ref', server.ref);
        }
      }
      if (changed) {
        await tx('registry_state').where({ id: 1 }).increment('revision', 1);
      }
      return changed;
    });
  }

  /**
   * Takes down which servers the catalog names. One that it does not name any more
   * is forgotten, with its tools, only after a while: a catalog that was just
   * started names nothing yet.
   *
   * @returns whether tools are gone.
   */
  async markPresent(
    refs: string[],
    options: { now: number; graceMs: number },
  ): Promise<boolean> {
    const present = new Set(refs);
    let forgotten = false;
    for (const { ref, absentSince } of await this.listServers()) {
      const server = () => this.#db<ServerRow>('servers').where({ ref });
      if (present.has(ref)) {
        if (absentSince !== undefined) {
          await server().update({ absent_since: null });
        }
      } else if (absentSince === undefined) {
        await server().update({
          absent_since: options.now,
          status: 'unknown',
          error: 'The catalog does not name it any more.',
        });
      } else if (absentSince + options.graceMs < options.now) {
        forgotten = true;
        await this.#db.transaction(async tx => {
          await tx('tools').where({ server_ref: ref }).delete();
          await tx('servers').where({ ref }).delete();
          await tx('registry_state').where({ id: 1 }).increment('revision', 1);
        });
      }
    }
    return forgotten;
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
