import type { Price } from '@agentportal/model-gateway';
import type { Knex } from 'knex';

const VERSIONS = 'model_price_versions';
/** Of so many it is quicker to read all. */
const MANY = 100;

/** A version of a model's price. Times are in milliseconds since the epoch. */
export interface PriceVersion {
  id: number;
  version: string;
  price: Omit<Price, 'version'>;
  firstSeenAt: number;
  lastSeenAt: number;
}

/** Where a page of versions ends. */
export interface VersionPosition {
  lastSeenAt: number;
  id: number;
}

interface VersionRow {
  id: number;
  model: string;
  version: string;
  price: string;
  first_seen_at: number | string;
  last_seen_at: number | string;
}

/** A model costs something else than before. */
export interface PriceChange {
  /** Gateway id. */
  model: string;
  /** Absent for the first price of a model. */
  before?: string;
  after: Price;
}

/** Remembers which prices models have had, each version once. */
export class PriceHistory {
  readonly #db: Knex;

  constructor(db: Knex) {
    this.#db = db;
  }

  /**
   * Takes notice of the prices that hold now; writes only what has changed, and
   * tells it.
   */
  async observe(
    prices: Iterable<[model: string, price: Price]>,
    now: number,
  ): Promise<PriceChange[]> {
    const changes: PriceChange[] = [];
    const found = [...prices];
    const newest = await this.#newest(found.map(([model]) => model));
    for (const [model, after] of found) {
      const { version, ...price } = after;
      const before = newest.get(model);
      if (before === version) {
        continue;
      }
      if (before !== undefined) {
        await this.#db(VERSIONS)
          .where({ model, version: before })
          .update({ last_seen_at: now });
      }
      await this.#db(VERSIONS)
        .insert({
          model,
          version,
          price: JSON.stringify(price),
          first_seen_at: now,
          // Later than that of the version that it replaces.
          last_seen_at: now + 1,
        })
        .onConflict(['model', 'version'])
        .merge({ last_seen_at: now + 1 });
      changes.push({ model, before, after });
    }
    return changes;
  }

  /** The version that held last, by model. */
  async #newest(models: string[]): Promise<Map<string, string>> {
    const query = this.#db(VERSIONS)
      .select('model', 'version')
      .orderBy(['last_seen_at', 'id']);
    if (models.length < MANY) {
      query.whereIn('model', models);
    }
    const rows: Array<Pick<VersionRow, 'model' | 'version'>> = await query;
    return new Map(rows.map(({ model, version }) => [model, version]));
  }

  /** The versions of a model, the last one that held first. */
  async versions(
    model: string,
    page: { limit: number; after?: VersionPosition },
  ): Promise<{ items: PriceVersion[]; next?: VersionPosition }> {
    const { after, limit } = page;
    const query = this.#db(VERSIONS).where({ model });
    if (after) {
      query.where((q: Knex.QueryBuilder) =>
        q
          .where('last_seen_at', '<', after.lastSeenAt)
          .orWhere((same: Knex.QueryBuilder) =>
            same
              .where('last_seen_at', after.lastSeenAt)
              .where('id', '<', after.id),
          ),
      );
    }
    const rows: VersionRow[] = await query
      .orderBy([
        { column: 'last_seen_at', order: 'desc' },
        { column: 'id', order: 'desc' },
      ])
      .limit(limit + 1);
    const items = rows.slice(0, limit).map(toVersion);
    const last = items.at(-1);
    return {
      items,
      ...(rows.length > limit &&
        last && { next: { lastSeenAt: last.lastSeenAt, id: last.id } }),
    };
  }
}

function toVersion(row: VersionRow): PriceVersion {
  return {
    id: row.id,
    version: row.version,
    price: JSON.parse(row.price),
    firstSeenAt: Number(row.first_seen_at),
    lastSeenAt: Number(row.last_seen_at),
  };
}
