import { sha256 } from '../encoding';

/** Bytes of a hash. */
export const HASH_BYTES = 32;

const LEAF = Buffer.from([0]);
/** One for all nodes: making it takes as long as the hash of it. */
const node = Buffer.alloc(1 + 2 * HASH_BYTES, 1);

/**
 * Root of a tree without leaves. Source: RFC 6962 section 2.1.
 *
 * @public
 */
export const EMPTY_ROOT: Buffer = sha256('');

/**
 * Hash of a leaf. Source: RFC 6962 section 2.1.
 *
 * @param data - the bytes, or the text whose UTF-8 they are
 * @public
 */
export function leafHash(data: Buffer | string): Buffer {
  return sha256(
    typeof data === 'string' ? `\u0000${data}` : Buffer.concat([LEAF, data]),
  );
}

/** Hash of a node with two children. Source: RFC 6962 section 2.1. */
export function nodeHash(left: Buffer, right: Buffer): Buffer {
  node.set(left, 1);
  node.set(right, 1 + HASH_BYTES);
  return sha256(node);
}

/** Hash over neighbouring complete subtrees of falling size, the left one first. */
export function foldHashes(hashes: readonly Buffer[]): Buffer {
  return hashes.length
    ? hashes.reduceRight((right, left) => nodeHash(left, right))
    : EMPTY_ROOT;
}
