import { tuneSqlite } from '@agentportal/plugin-agents-node';
import {
  resolvePackagePath,
  type DatabaseService,
} from '@backstage/backend-plugin-api';
import type { RiskTier } from '@agentportal/plugin-agents-common';
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
/** How long the tier of a tool is known that its server does not list any more. */
const GONE_MS = 90 * 24 * 3600 * 1000;
/** How many of these a server may have. */
const MAX_GONE = 5_000;
/** From here on some may be forgotten: those that went at one time are forgotten at one time. */
const MANY_GONE = MAX_GONE / 2;

/** A name at the gateway that a tool of another server has. */
export interface TakenName {
  name: string;
  ref: string;
  serverRef: string;
  /** Whether somebody vouches for that server. */
  isVerified: boolean;
}

/** Tools that a server does not list any more, by their refs. */
export interface GoneTools {
  tiers: Map<string, RiskTier>;
  /** Of what it said of them. */
  hashes: Map<string, string>;
  /** Whether there were so many that some may be forgotten. */
  isForgetful: boolean;
}

/** Keeps servers and their tools across restarts and outages. */
export class ToolStore {
  readonly #db: Knex;

  private constructor(db: Knex) {
    this.#db = db;
  }

  /** Opens the plugin's database and brings its tables up to date. */
  static async create(database: DatabaseService): Promise<ToolStore> {
    const db = await database.getClient();
    await tuneSqlite(db);
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

  async listToolsOf(serverRef: string): Promise<ToolRecord[]> {
    const rows = await this.#db<ToolRow>('tools').where({
      server_ref: serverRef,
    });
    return rows.map(fromToolRow);
  }

  /** What is still known of the tools that a server had once, by their refs. */
  async goneTools(serverRef: string): Promise<GoneTools> {
    const rows = await this.#db('gone_tools')
      .where({ server_ref: serverRef })
      .select('ref', 'hinted_tier', 'hash');
    return {
      tiers: new Map(rows.map(row => [row.ref, row.hinted_tier])),
      hashes: new Map(
        rows.flatMap(row => (row.hash ? [[row.ref, row.hash]] : [])),
      ),
      isForgetful: rows.length >= MANY_GONE,
    };
  }

  /** Tools of other servers that have one of these names or refs. */
  async listTaken(
    serverRef: string,
    wanted: Array<{ name: string; ref: string }>,
  ): Promise<TakenName[]> {
    const taken = [];
    for (let i = 0; i < wanted.length; i += NAMES_PER_QUERY) {
      const some = wanted.slice(i, i + NAMES_PER_QUERY);
      taken.push(
        ...(await this.#db('tools')
          .join('servers', 'servers.ref', 'tools.server_ref')
          .whereNot('tools.server_ref', serverRef)
          .andWhere(either =>
            either
              .whereIn(
                'tools.name',
                some.map(({ name }) => name),
              )
              .orWhereIn(
                'tools.ref',
                some.map(({ ref }) => ref),
              ),
          )
          .select(
            'tools.name',
            'tools.ref',
            'tools.server_ref',
            'servers.is_verified',
          )),
      );
    }
    return taken.map(({ server_ref, is_verified, ...tool }) => ({
      ...tool,
      serverRef: server_ref,
      isVerified: Boolean(is_verified),
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
      await tx('servers').insert(toServerRow(server)).onConflict('ref').merge();
      const rows = await tx<ToolRow>('tools').where({ server_ref: server.ref });
      const before = new Map(
        rows.map(row => [
          row.name,
          JSON.stringify(toToolRow(fromToolRow(row))),
        ]),
      );
      const wanted = new Set(tools.map(({ name }) => name));
      const gone = rows.filter(({ name }) => !wanted.has(name));
      const changed = new Set<string>(gone.length > 0 ? [server.ref] : []);
      // First, because a new spelling of a name has the ref of the old one.
      await this.#remove(tx, gone);
      for (const row of tools.map(toToolRow)) {
        if (before.get(row.name) !== JSON.stringify(row)) {
          changed.add(server.ref);
          if (server.isVerified) {
            // Names go to servers that somebody vouches for.
            const taken = tx<ToolRow>('tools')
              .where(either =>
                either.where({ name: row.name }).orWhere({ ref: row.ref }),
              )
              .whereIn(
                'server_ref',
                tx('servers').where({ is_verified: false }).select('ref'),
              );
            for (const ref of await taken.clone().pluck('server_ref')) {
              changed.add(ref);
            }
            await taken.delete();
          }
          await tx<ToolRow>('tools')
            .insert(row)
            .onConflict('name')
            .merge()
            // Another server has taken the name meanwhile.
            .where('tools.server_ref', server.ref);
        }
      }
      if (changed.size > 0) {
        await tx('registry_state').where({ id: 1 }).increment('revision', 1);
        await tx('servers')
          .whereIn('ref', [...changed])
          .update({
            tools_revision: tx('registry_state')
              .where({ id: 1 })
              .select('revision'),
          });
      }
      return changed.size > 0;
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
          await this.#remove(
            tx,
            await tx<ToolRow>('tools').where({ server_ref: ref }),
          );
          await tx('servers').where({ ref }).delete();
        });
      }
    }
    return forgotten;
  }

  /** Takes tools away and keeps their tiers: it must not help a tool to be away. */
  async #remove(tx: Knex.Transaction, rows: ToolRow[]): Promise<void> {
    const now = Date.now();
    for (let i = 0; i < rows.length; i += NAMES_PER_QUERY) {
      const some = rows.slice(i, i + NAMES_PER_QUERY);
      await tx('gone_tools')
        .insert(
          some.map(({ ref, server_ref, hash, hinted_tier }) => ({
            ref,
            server_ref,
            hash,
            hinted_tier,
            gone_at: now,
          })),
        )
        .onConflict('ref')
        .merge({
          server_ref: tx.raw('excluded.server_ref'),
          hinted_tier: tx.raw('excluded.hinted_tier'),
          gone_at: now,
          // Of a tool that was never agreed to there is none, and of what it was before there is.
          hash: tx.raw(`coalesce(nullif(excluded.hash, ''), gone_tools.hash)`),
        });
      await tx('tools')
        .whereIn(
          'name',
          some.map(({ name }) => name),
        )
        .delete();
      const [last] = await tx('gone_tools')
        .where({ server_ref: some[0].server_ref })
        .orderBy('gone_at', 'desc')
        .offset(MAX_GONE)
        .limit(1)
        .select('gone_at');
      if (last) {
        await tx('gone_tools')
          .where({ server_ref: some[0].server_ref })
          .andWhere('gone_at', '<=', last.gone_at)
          .delete();
      }
      await tx('gone_tools')
        .where('gone_at', '<', now - GONE_MS)
        .delete();
    }
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
