import { foldHashes, nodeHash } from './hashes';

/**
 * The root of a tree whose leaves come one by one, in memory of the order of the
 * tree's height.
 *
 * @public
 */
export class RunningTree {
  /** Complete subtrees from left to right, of falling height. */
  readonly #peaks: Array<{ height: number; hash: Buffer }> = [];
  #size = 0;

  /** How many leaves there are. */
  get size(): number {
    return this.#size;
  }

  /** Adds one leaf, or a complete subtree in whose place only its hash is left. */
  append(hash: Buffer, height = 0): void {
    if (this.#size % 2 ** height) {
      throw new RangeError(
        `A subtree of height ${height} cannot begin at leaf ${this.#size}.`,
      );
    }
    let peak = { height, hash };
    while (this.#peaks.at(-1)?.height === peak.height) {
      const left = this.#peaks.pop()!;
      peak = { height: peak.height + 1, hash: nodeHash(left.hash, peak.hash) };
    }
    this.#peaks.push(peak);
    this.#size += 2 ** height;
  }

  /** The root over all leaves so far. */
  root(): Buffer {
    return foldHashes(this.#peaks.map(({ hash }) => hash));
  }
}
