import type { Knex } from 'knex';

const EDITS = 'model_route_edits';
const CHANGES = 'model_route_changes';

/** A route as somebody saved it in the portal. */
export interface RouteEdit {
  name: string;
  yaml: string;
  /** ms since the epoch. */
  savedAt: number;
  savedBy: string;
}

/** One line of a route's history. */
export interface RouteChange {
  id: number;
  at: number;
  by: string;
  action: 'saved' | 'reverted';
  /** What was saved. */
  yaml?: string;
}

interface EditRow {
  name: string;
  yaml: string;
  saved_at: number | string;
  saved_by: string;
}

/** Keeps the routes that were changed in the portal, and who changed them. */
export class RouteStore {
  readonly #db: Knex;

  constructor(db: Knex) {
    this.#db = db;
  }

  async list(): Promise<RouteEdit[]> {
    const rows: EditRow[] = await this.#db(EDITS).orderBy('name');
    return rows.map(toEdit);
  }

  async get(name: string): Promise<RouteEdit | undefined> {
    const row: EditRow | undefined = await this.#db(EDITS)
      .where({ name })
      .first();
    return row && toEdit(row);
  }

  /** Those of these routes that were changed, by name. */
  async byNames(names: string[]): Promise<Map<string, RouteEdit>> {
    const rows: EditRow[] = await this.#db(EDITS).whereIn('name', names);
    return new Map(rows.map(row => [row.name, toEdit(row)]));
  }

  async save(name: string, yaml: string, by: string): Promise<void> {
    const at = Date.now();
    await this.#db.transaction(async trx => {
      const edit = { yaml, saved_at: at, saved_by: by };
      await trx(EDITS)
        .insert({ name, ...edit })
        .onConflict('name')
        .merge(edit);
      await trx(CHANGES).insert({ name, at, by, action: 'saved', yaml });
    });
  }

  /** @returns whether there was something to take back */
  async revert(name: string, by: string): Promise<boolean> {
    return this.#db.transaction(async trx => {
      if ((await trx(EDITS).where({ name }).delete()) === 0) {
        return false;
      }
      await trx(CHANGES).insert({
        name,
        at: Date.now(),
        by,
        action: 'reverted',
      });
      return true;
    });
  }

  /** The newest first. */
  async history(
    name: string,
    page: { limit: number; before?: number },
  ): Promise<RouteChange[]> {
    const query = this.#db(CHANGES)
      .where({ name })
      .orderBy('id', 'desc')
      .limit(page.limit);
    if (page.before !== undefined) {
      query.where('id', '<', page.before);
    }
    const rows = await query;
    return rows.map(row => ({
      id: row.id,
      at: Number(row.at),
      by: row.by,
      action: row.action,
      ...(row.yaml && { yaml: row.yaml }),
    }));
  }
}

function toEdit(row: EditRow): RouteEdit {
  return {
    name: row.name,
    yaml: row.yaml,
    savedAt: Number(row.saved_at),
    savedBy: row.saved_by,
  };
}
