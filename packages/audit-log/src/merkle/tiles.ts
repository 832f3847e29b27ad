import { foldHashes, HASH_BYTES, nodeHash } from './hashes';
import {
  consistencyPath,
  coverOf,
  inclusionPath,
  type TreeNode,
} from './shape';

/** Levels of the tree in one tile, and how many hashes its lowest one has. */
const TILE_HEIGHT = 8;
const TILE_WIDTH = 2 ** TILE_HEIGHT;

/**
 * A piece of a stored tree: up to 256 neighbouring hashes of the height
 * `8 * level`, those of complete subtrees only. A tree of a million leaves is four
 * thousand rows of 8 kB; an append touches the last tile of each level, a proof reads
 * two tiles of each. Idea: Go's checksum database and Static Certificate Transparency.
 *
 * @public
 */
export interface Tile {
  level: number;
  index: number;
  /** The hashes, one after the other, 32 bytes each. */
  hashes: Buffer;
}

/**
 * Names a tile.
 *
 * @public
 */
export type TileId = Pick<Tile, 'level' | 'index'>;

/**
 * Reads tiles of a tree. May give more than was asked for.
 *
 * @public
 */
export type ReadTiles = (ids: TileId[]) => Promise<Tile[]>;

/**
 * The tiles to which the next leaves of a tree of this size are added.
 *
 * @public
 */
export function edgeOf(size: number): TileId[] {
  const ids: TileId[] = [];
  let count = size;
  for (let level = 0; count > 0; level += 1) {
    if (count % TILE_WIDTH) {
      ids.push({ level, index: Math.floor(count / TILE_WIDTH) });
    }
    count = Math.floor(count / TILE_WIDTH);
  }
  return ids;
}

/**
 * Adds leaves to a tree.
 *
 * @param size - how many leaves the tree has
 * @param edge - the tiles that {@link edgeOf} names
 * @returns the tiles to store, among them those that have grown
 * @public
 */
export function appendLeaves(
  size: number,
  edge: readonly Tile[],
  leaves: readonly Buffer[],
): Tile[] {
  const changed: Tile[] = [];
  let added: readonly Buffer[] = leaves;
  let count = size;
  for (let level = 0; added.length > 0; level += 1) {
    const full: Buffer[] = [];
    let index = Math.floor(count / TILE_WIDTH);
    let known =
      count % TILE_WIDTH
        ? edge.find(tile => tile.level === level && tile.index === index)
            ?.hashes
        : Buffer.alloc(0);
    if (known?.length !== (count % TILE_WIDTH) * HASH_BYTES) {
      throw new Error(
        `The tile ${level}/${index} of the tree of ${size} leaves is missing or of another size.`,
      );
    }
    for (let at = 0; at < added.length; ) {
      const room = TILE_WIDTH - known.length / HASH_BYTES;
      const hashes: Buffer = Buffer.concat([
        known,
        ...added.slice(at, at + room),
      ]);
      at += room;
      changed.push({ level, index, hashes });
      if (hashes.length === TILE_WIDTH * HASH_BYTES) {
        full.push(rootOf(hashes));
      }
      index += 1;
      known = Buffer.alloc(0);
    }
    count = Math.floor(count / TILE_WIDTH);
    added = full;
  }
  return changed;
}

/**
 * The root of the tree of the first `size` leaves.
 *
 * @public
 */
export async function readRoot(size: number, read: ReadTiles): Promise<Buffer> {
  const [root] = await readHashes([coverOf(0, size)], read);
  return root;
}

/**
 * The hashes that prove that a leaf is in the tree of the first `size` leaves.
 *
 * @public
 */
export function readInclusionProof(
  index: number,
  size: number,
  read: ReadTiles,
): Promise<Buffer[]> {
  return readHashes(inclusionPath(index, size), read);
}

/**
 * The hashes that prove that the tree of `to` leaves begins with that of `from`.
 *
 * @public
 */
export function readConsistencyProof(
  from: number,
  to: number,
  read: ReadTiles,
): Promise<Buffer[]> {
  return readHashes(consistencyPath(from, to), read);
}

/**
 * The hashes of the complete subtrees that cover some leaves, for what stands in
 * their place once they are deleted.
 *
 * @public
 */
export async function readCover(
  start: number,
  end: number,
  read: ReadTiles,
): Promise<Array<{ height: number; hash: Buffer }>> {
  const nodes = coverOf(start, end);
  const hashes = await readHashes(
    nodes.map(node => [node]),
    read,
  );
  return nodes.map(({ height }, i) => ({ height, hash: hashes[i] }));
}

async function readHashes(
  covers: TreeNode[][],
  read: ReadTiles,
): Promise<Buffer[]> {
  const wanted = new Map<string, TileId>();
  for (const node of covers.flat()) {
    const id = tileOf(node);
    wanted.set(keyOf(id), id);
  }
  const tiles = new Map(
    (wanted.size ? await read([...wanted.values()]) : []).map(tile => [
      keyOf(tile),
      tile,
    ]),
  );
  return covers.map(cover =>
    foldHashes(
      cover.map(node => {
        const id = tileOf(node);
        const tile = tiles.get(keyOf(id));
        const width = 2 ** (node.height % TILE_HEIGHT);
        const start = ((node.index * width) % TILE_WIDTH) * HASH_BYTES;
        const end = start + width * HASH_BYTES;
        if (!tile || tile.hashes.length < end) {
          throw new Error(
            `The tree has no hash of height ${node.height} at ${node.index}; its tile ${id.level}/${id.index} is missing or too short.`,
          );
        }
        return rootOf(tile.hashes.subarray(start, end));
      }),
    ),
  );
}

function tileOf(node: TreeNode): TileId {
  const level = Math.floor(node.height / TILE_HEIGHT);
  const width = 2 ** (node.height % TILE_HEIGHT);
  return { level, index: Math.floor((node.index * width) / TILE_WIDTH) };
}

function keyOf({ level, index }: TileId): string {
  return `${level}/${index}`;
}

/** Root over a power of two of hashes. */
function rootOf(hashes: Buffer): Buffer {
  if (hashes.length === HASH_BYTES) {
    return hashes;
  }
  const middle = hashes.length / 2;
  return nodeHash(
    rootOf(hashes.subarray(0, middle)),
    rootOf(hashes.subarray(middle)),
  );
}
