import { readPage } from '@agentportal/plugin-agents-node';
import type { DatabaseService } from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';
import type { ChangeSeverity, ToolDifference } from './compareTools';

/** A server that says something else at each visit must not fill the table. */
const KEPT_PER_SERVER = 1_000;
const TOOLS_PER_QUERY = 200;

/**
 * What became of a change: `noted` is in use and nobody was asked, `held` waits for
 * somebody, `withdrawn` was taken back by the server before anybody decided.
 */
export const CHANGE_STATES = [
  'noted',
  'held',
  'released',
  'blocked',
  'withdrawn',
] as const;

export type ChangeState = (typeof CHANGE_STATES)[number];

/** A change of what a server says about a tool; times in ms UTC. */
export interface ToolChange {
  id: string;
  toolRef: string;
  toolName: string;
  serverRef: string;
  /** Of what the server says now. */
  hash: string;
  severity: ChangeSeverity;
  state: ChangeState;
  details: {
    /** Whether the tool is new, so that there is nothing that it differs from. */
    isNew: boolean;
    /** Why it is worse than its words, in sentences. */
    findings: string[];
    differences: ToolDifference[];
    /** How many more there are. */
    more: number;
  };
  seenAt: number;
  decidedBy?: string;
  decidedAt?: number;
  reason?: string;
}

/** A change, as far as it is known whether it waits. */
export type SeenChange = Pick<ToolChange, 'id' | 'state'>;

/** Keeps what servers changed about their tools, and what people said of it. */
export class ToolChangeStore {
  readonly #db: Knex;

  private constructor(db: Knex) {
    this.#db = db;
  }

  static async create(database: DatabaseService): Promise<ToolChangeStore> {
    return new ToolChangeStore(await database.getClient());
  }

  async get(id: string): Promise<ToolChange | undefined> {
    const row = await this.#db('tool_changes').where({ id }).first();
    return row && fromRow(row);
  }

  /** What is known of tools of a server being as they are now, by their refs. */
  async find(
    serverRef: string,
    tools: Array<{ ref: string; hash: string }>,
  ): Promise<Map<string, SeenChange>> {
    const found = new Map<string, SeenChange>();
    for (let i = 0; i < tools.length; i += TOOLS_PER_QUERY) {
      const hashes = new Map(
        tools
          .slice(i, i + TOOLS_PER_QUERY)
          .map(({ ref, hash }) => [ref, hash] as const),
      );
      const rows = await this.#db('tool_changes')
        .whereIn('tool_ref', [...hashes.keys()])
        .whereIn('hash', [...hashes.values()])
        // What somebody said of another server with such a tool says nothing of this one.
        .where({ server_ref: serverRef })
        .select('id', 'state', 'tool_ref', 'hash');
      for (const { hash, id, state, tool_ref: ref } of rows) {
        if (hashes.get(ref) === hash) {
          found.set(ref, { id, state });
        }
      }
    }
    return found;
  }

  /** Whether a change of a tool was held that was seen since then, and that nobody decided about. */
  async wasHeldSince(toolRef: string, since: number): Promise<boolean> {
    const row = await this.#db('tool_changes')
      .where({ tool_ref: toolRef })
      .andWhere('seen_at', '>', since)
      .whereIn('state', ['held', 'withdrawn'])
      .first('id');
    return row !== undefined;
  }

  /** Writes down what was seen now; the one that waited before waits no more. */
  async add(change: ToolChange): Promise<void> {
    await this.#db.transaction(async tx => {
      await withdrawIn(tx, change.toolRef);
      await tx('tool_changes')
        .insert(toRow(change))
        .onConflict(['tool_ref', 'hash'])
        .merge();
      const [last] = await tx('tool_changes')
        .where({ server_ref: change.serverRef })
        .orderBy([
          { column: 'seen_at', order: 'desc' },
          { column: 'id', order: 'desc' },
        ])
        .offset(KEPT_PER_SERVER)
        .limit(1)
        .select('seen_at');
      if (last) {
        await forgettable(tx)
          .where({ server_ref: change.serverRef })
          .andWhere('seen_at', '<=', last.seen_at)
          .delete();
      }
    });
  }

  /** The server does not say any more what waits for somebody. */
  async withdraw(toolRef: string): Promise<void> {
    await withdrawIn(this.#db, toolRef);
  }

  /**
   * Says what shall become of a change.
   *
   * @returns false when it does not wait for that any more
   */
  async decide(
    id: string,
    decision: {
      state: 'released' | 'blocked';
      by: string;
      at: number;
      reason: string;
    },
  ): Promise<boolean> {
    const { at, by, reason, state } = decision;
    const updated = await this.#db('tool_changes')
      .where({ id })
      // What is in use already is blocked by forbidding the tool.
      .whereIn('state', state === 'released' ? ['held', 'blocked'] : ['held'])
      .update({ state, decided_by: by, decided_at: at, reason });
    return updated === 1;
  }

  /** The newest first. */
  async list(query: {
    toolRef?: string;
    state?: ChangeState;
    limit: number;
    cursor?: string;
  }): Promise<{ items: ToolChange[]; nextCursor?: string }> {
    const { state, toolRef, ...page } = query;
    const { rows, nextCursor } = await readPage<ChangeRow>(
      this.#db('tool_changes').where({
        ...(toolRef && { tool_ref: toolRef }),
        ...(state && { state }),
      }),
      'seen_at',
      page,
    );
    return { items: rows.map(fromRow), ...(nextCursor && { nextCursor }) };
  }

  /** What somebody decided stays: it is what the tool is pinned to. */
  async removeOlderThan(ageMs: number, now = Date.now()): Promise<void> {
    await forgettable(this.#db)
      .where('seen_at', '<', now - ageMs)
      .delete();
  }
}

async function withdrawIn(db: Knex, toolRef: string): Promise<void> {
  await db('tool_changes')
    .where({ tool_ref: toolRef, state: 'held' })
    .update({ state: 'withdrawn' });
}

/** What nobody decided about, and nobody has to: a tool that is gone waits for nobody. */
function forgettable(db: Knex): Knex.QueryBuilder {
  return db('tool_changes').where(some =>
    some
      .whereIn('state', ['noted', 'withdrawn'])
      .orWhere(held =>
        held
          .where({ state: 'held' })
          .whereNotIn('tool_ref', db('tools').select('ref')),
      ),
  );
}

function toRow(change: ToolChange) {
  return {
    id: change.id,
    tool_ref: change.toolRef,
    tool_name: change.toolName,
    server_ref: change.serverRef,
    hash: change.hash,
    severity: change.severity,
    state: change.state,
    details: JSON.stringify(change.details),
    seen_at: change.seenAt,
    decided_by: null,
    decided_at: null,
    reason: null,
  };
}

type ChangeRow = { id: string } & Record<string, any>;

function fromRow(row: ChangeRow): ToolChange {
  return {
    id: row.id,
    toolRef: row.tool_ref,
    toolName: row.tool_name,
    serverRef: row.server_ref,
    hash: row.hash,
    severity: row.severity,
    state: row.state,
    details: JSON.parse(row.details),
    seenAt: Number(row.seen_at),
    ...(row.decided_by && {
      decidedBy: row.decided_by,
      decidedAt: Number(row.decided_at),
      reason: row.reason,
    }),
  };
}
