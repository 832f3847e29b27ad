import { EMPTY_ROOT, nodeHash } from './hashes';

/**
 * The root to which an inclusion proof leads, or `undefined` when it has the wrong
 * length for this leaf and tree. Source: RFC 9162 section 2.1.3.2.
 *
 * @public
 */
export function rootOfInclusion(proof: {
  index: number;
  size: number;
  leaf: Buffer;
  hashes: readonly Buffer[];
}): Buffer | undefined {
  if (!(proof.index < proof.size)) {
    return undefined;
  }
  let fn = proof.index;
  let sn = proof.size - 1;
  let root = proof.leaf;
  for (const sibling of proof.hashes) {
    if (sn === 0) {
      return undefined;
    }
    if (fn % 2 === 1 || fn === sn) {
      root = nodeHash(sibling, root);
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2;
        sn = Math.floor(sn / 2);
      }
    } else {
      root = nodeHash(root, sibling);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 ? root : undefined;
}

/**
 * Whether a tree of `to` leaves begins with the tree of `from` leaves. Source:
 * RFC 9162 section 2.1.4.2.
 *
 * @public
 */
export function verifyConsistency(proof: {
  from: number;
  to: number;
  fromRoot: Buffer;
  toRoot: Buffer;
  hashes: readonly Buffer[];
}): boolean {
  const { from, to, fromRoot, toRoot } = proof;
  if (from > to) {
    return false;
  }
  if (from === to || from === 0) {
    return (
      proof.hashes.length === 0 &&
      (from === to ? fromRoot.equals(toRoot) : fromRoot.equals(EMPTY_ROOT))
    );
  }
  const hashes = isPowerOfTwo(from)
    ? [fromRoot, ...proof.hashes]
    : [...proof.hashes];
  const [first] = hashes;
  if (!first) {
    return false;
  }
  let fn = from - 1;
  let sn = to - 1;
  while (fn % 2 === 1) {
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  let [older, newer] = [first, first];
  for (const sibling of hashes.slice(1)) {
    if (sn === 0) {
      return false;
    }
    if (fn % 2 === 1 || fn === sn) {
      older = nodeHash(sibling, older);
      newer = nodeHash(sibling, newer);
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2;
        sn = Math.floor(sn / 2);
      }
    } else {
      newer = nodeHash(newer, sibling);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 && older.equals(fromRoot) && newer.equals(toRoot);
}

function isPowerOfTwo(count: number): boolean {
  let power = 1;
  while (power < count) {
    power *= 2;
  }
  return power === count;
}
