/** A complete subtree: that of the leaves from `index * 2^height`, `2^height` of them. */
export interface TreeNode {
  height: number;
  index: number;
}

/**
 * The complete subtrees, from left to right, that together are the leaves from
 * `start` up to but not including `end`. Source of the shape: RFC 6962 section 2.1.
 */
export function coverOf(start: number, end: number): TreeNode[] {
  const nodes: TreeNode[] = [];
  let at = start;
  while (at < end) {
    let height = 0;
    let size = 1;
    while (at % (size * 2) === 0 && at + size * 2 <= end) {
      height += 1;
      size *= 2;
    }
    nodes.push({ height, index: at / size });
    at += size;
  }
  return nodes;
}

/**
 * The subtrees whose hashes prove that a leaf is in a tree, from the leaf upwards;
 * each is given by what covers it. Source: RFC 6962 section 2.1.1.
 */
export function inclusionPath(index: number, size: number): TreeNode[][] {
  const path: TreeNode[][] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + largestPowerBelow(end - start);
    if (index < middle) {
      path.push(coverOf(middle, end));
      end = middle;
    } else {
      path.push(coverOf(start, middle));
      start = middle;
    }
  }
  return path.reverse();
}

/**
 * The subtrees whose hashes prove that the first `from` leaves of a tree of `to`
 * leaves are the tree that it was then. Source: RFC 6962 section 2.1.2.
 */
export function consistencyPath(from: number, to: number): TreeNode[][] {
  const path: TreeNode[][] = [];
  if (from === 0 || from === to) {
    return path;
  }
  let [start, end] = [0, to];
  let whole = true;
  while (from !== end) {
    const middle = start + largestPowerBelow(end - start);
    if (from <= middle) {
      path.push(coverOf(middle, end));
      end = middle;
    } else {
      path.push(coverOf(start, middle));
      start = middle;
      whole = false;
    }
  }
  if (!whole) {
    path.push(coverOf(start, end));
  }
  return path.reverse();
}

function largestPowerBelow(count: number): number {
  let power = 1;
  while (power * 2 < count) {
    power *= 2;
  }
  return power;
}
