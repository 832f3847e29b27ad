import {
  appendLeaves,
  edgeOf,
  type LogSigner,
  type PublicKeys,
  readConsistencyProof,
  readCover,
  readInclusionProof,
  readRoot,
  type Tile,
  type TileId,
  type TreeHead,
} from '@agentportal/audit-log';
import type { Knex } from 'knex';

/** The log of a tenant. */
export interface TreeRow {
  id: number;
  tenant: string;
  size: number;
  lastAt: number;
  headSize: number;
  erasures: number;
}

/** The trees of the logs: their tiles, heads and proofs. */
export class TreeStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** The log of a tenant, when something has been recorded in it. */
  async find(tenant: string, tx = this.#knex): Promise<TreeRow | undefined> {
    return toTree(await tx('audit_trees').where({ tenant }).first());
  }

  async list(): Promise<TreeRow[]> {
    const rows = await this.#knex('audit_trees').orderBy('id');
    return rows.map(row => toTree(row)!);
  }

  /** The log of a tenant, made if need be, for this transaction alone. */
  async lock(tenant: string, tx: Knex.Transaction): Promise<TreeRow> {
    const locked = () =>
      tx('audit_trees').where({ tenant }).forUpdate().first().then(toTree);
    const found = await locked();
    if (found) {
      return found;
    }
    await tx('audit_trees').insert({ tenant }).onConflict('tenant').ignore();
    return (await locked())!;
  }

  async update(
    tx: Knex.Transaction,
    { id, size, lastAt, headSize, erasures }: TreeRow,
  ): Promise<void> {
    await tx('audit_trees').where({ id }).update({
      size,
      last_at: lastAt,
      head_size: headSize,
      erasures,
    });
  }

  /** The tiles at the right edge of a tree, to which leaves are added. */
  readEdge({ id, size }: TreeRow, tx = this.#knex): Promise<Tile[]> {
    return this.#readTiles(id, tx)(edgeOf(size));
  }

  /** Adds leaves; gives the edge that the tree has then. */
  async append(
    tx: Knex.Transaction,
    tree: TreeRow,
    edge: Tile[],
    leaves: Buffer[],
  ): Promise<Tile[]> {
    const changed = appendLeaves(tree.size, edge, leaves);
    await tx('audit_tiles')
      .insert(
        changed.map(({ level, index, hashes }) => ({
          tree: tree.id,
          level,
          position: index,
          hashes,
        })),
      )
      .onConflict(['tree', 'level', 'position'])
      .merge(['hashes']);
    const size = tree.size + leaves.length;
    return edgeOf(size).map(
      ({ level, index }) =>
        [...changed, ...edge].find(
          tile => tile.level === level && tile.index === index,
        )!,
    );
  }

  /** Signs what the log is now. */
  async sign(
    tx: Knex.Transaction,
    tree: TreeRow,
    edge: Tile[],
    signer: LogSigner,
  ): Promise<TreeHead> {
    const head = signer.signHead({
      tenant: tree.tenant,
      size: tree.size,
      // All that covers a tree lies at its edge.
      root: (await readRoot(tree.size, async () => edge)).toString('base64url'),
      time: new Date(tree.lastAt).toISOString(),
    });
    await tx('audit_heads')
      .insert({ tree: tree.id, size: tree.size, head: JSON.stringify(head) })
      .onConflict(['tree', 'size'])
      .ignore();
    return head;
  }

  /** Heads with more entries than `after`, the smallest first. */
  async heads(tree: number, after: number, limit: number): Promise<TreeHead[]> {
    const rows = await this.#knex('audit_heads')
      .where({ tree })
      .andWhere('size', '>', after)
      .orderBy('size')
      .limit(limit);
    return rows.map(row => JSON.parse(row.head));
  }

  /** Heads with fewer entries than `below`, the latest first. */
  async latestHeads(
    tree: number,
    limit: number,
    below = Number.MAX_SAFE_INTEGER,
    tx = this.#knex,
  ): Promise<TreeHead[]> {
    const rows = await tx('audit_heads')
      .where({ tree })
      .andWhere('size', '<', below)
      .orderBy('size', 'desc')
      .limit(limit);
    return rows.map(row => JSON.parse(row.head));
  }

  inclusionProof(tree: number, seq: number, size: number): Promise<Buffer[]> {
    return readInclusionProof(seq, size, this.#readTiles(tree));
  }

  /** Proofs of many entries of one tree, reading each tile once. */
  inclusionProofs(tree: number, size: number) {
    const read = this.#cached(this.#readTiles(tree));
    return (seq: number) => readInclusionProof(seq, size, read);
  }

  consistencyProof(tree: number, from: number, to: number): Promise<Buffer[]> {
    return readConsistencyProof(from, to, this.#readTiles(tree));
  }

  cover(tree: number, from: number, to: number) {
    return readCover(from, to, this.#readTiles(tree));
  }

  /** Notes the key that signs from now on; gives all that ever did. */
  async keys(signer?: LogSigner): Promise<PublicKeys> {
    if (signer) {
      await this.#knex('audit_keys')
        .insert({
          key_id: signer.publicKey.kid,
          jwk: JSON.stringify(signer.publicKey),
          created_at: Date.now(),
        })
        .onConflict('key_id')
        .ignore();
    }
    const rows = await this.#knex('audit_keys').orderBy('created_at', 'desc');
    return { keys: rows.map(row => JSON.parse(row.jwk)) };
  }

  #readTiles(tree: number, tx = this.#knex) {
    return async (ids: TileId[]): Promise<Tile[]> => {
      if (ids.length === 0) {
        return [];
      }
      const rows = await tx('audit_tiles')
        .where({ tree })
        .andWhere(place =>
          ids.forEach(({ level, index }) =>
            place.orWhere({ level, position: index }),
          ),
        );
      return rows.map(row => ({
        level: row.level,
        index: Number(row.position),
        hashes: row.hashes,
      }));
    };
  }

  /** Remembers the latest tiles; a run through a log needs few at a time. */
  #cached(read: (ids: TileId[]) => Promise<Tile[]>) {
    const known = new Map<string, Tile>();
    const keyOf = ({ level, index }: TileId) => `${level}/${index}`;
    return async (ids: TileId[]): Promise<Tile[]> => {
      const unknown = ids.filter(id => !known.has(keyOf(id)));
      if (unknown.length) {
        if (known.size > 64) {
          known.clear();
          unknown.splice(0, unknown.length, ...ids);
        }
        (await read(unknown)).forEach(tile => known.set(keyOf(tile), tile));
      }
      return ids.flatMap(id => known.get(keyOf(id)) ?? []);
    };
  }
}

function toTree(row: any): TreeRow | undefined {
  return (
    row && {
      id: row.id,
      tenant: row.tenant,
      size: Number(row.size),
      lastAt: Number(row.last_at),
      headSize: Number(row.head_size),
      erasures: row.erasures,
    }
  );
}
