/**
 * What is on both sides, or on one of them only.
 *
 * @public
 */
export type Pair<T> = { left: T; right: T } | { left: T } | { right: T };

/** Beyond so many comparisons what lies between the equal ends counts as other altogether. */
const MAX_COMPARISONS = 4_000_000;

/**
 * Puts two lists beside each other so that as much as possible of them pairs up, in order:
 * their longest common subsequence.
 *
 * @param keyOf - what is equal pairs up
 * @public
 */
export function align<T>(
  left: readonly T[],
  right: readonly T[],
  keyOf: (item: T) => string,
): Array<Pair<T>> {
  const a = left.map(keyOf);
  const b = right.map(keyOf);
  let start = 0;
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) {
    start += 1;
  }
  let end = 0;
  while (
    end < Math.min(a.length, b.length) - start &&
    a[a.length - 1 - end] === b[b.length - 1 - end]
  ) {
    end += 1;
  }
  const rows = a.length - start - end;
  const columns = b.length - start - end;
  const pairs: Array<Pair<T>> = [];
  const both = (i: number, j: number) =>
    pairs.push({ left: left[i], right: right[j] });
  for (let i = 0; i < start; i += 1) {
    both(i, i);
  }
  const width = columns + 1;
  const isTooMuch = rows * columns > MAX_COMPARISONS;
  // How long the longest common part is from each place on.
  const lengths = new Uint32Array(isTooMuch ? 0 : (rows + 1) * width);
  for (let i = rows - 1; i >= 0 && !isTooMuch; i -= 1) {
    for (let j = columns - 1; j >= 0; j -= 1) {
      lengths[i * width + j] =
        a[start + i] === b[start + j]
          ? lengths[(i + 1) * width + j + 1] + 1
          : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
    }
  }
  let i = 0;
  let j = 0;
  while (i < rows || j < columns) {
    if (
      !isTooMuch &&
      i < rows &&
      j < columns &&
      a[start + i] === b[start + j]
    ) {
      both(start + i++, start + j++);
    } else if (
      j >= columns ||
      (i < rows &&
        (isTooMuch ||
          lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]))
    ) {
      pairs.push({ left: left[start + i++] });
    } else {
      pairs.push({ right: right[start + j++] });
    }
  }
  for (let k = end; k > 0; k -= 1) {
    both(a.length - k, b.length - k);
  }
  return pairs;
}

/**
 * A stretch of text that both sides have, or one of them.
 *
 * @public
 */
export interface Stretch {
  text: string;
  side: 'both' | 'left' | 'right';
}

/**
 * Two texts word by word; what follows each other on one side is one stretch.
 *
 * @public
 */
export function compareWords(left: string, right: string): Stretch[] {
  const words = (text: string) => text.match(/\s+|\S+\s*/g) ?? [];
  const stretches: Stretch[] = [];
  for (const pair of align(words(left), words(right), word => word)) {
    const isLeft = 'left' in pair;
    const text = isLeft ? pair.left : pair.right;
    let side: Stretch['side'] = isLeft ? 'left' : 'right';
    if ('left' in pair && 'right' in pair) {
      side = 'both';
    }
    const last = stretches.at(-1);
    if (last?.side === side) {
      last.text += text;
    } else {
      stretches.push({ text, side });
    }
  }
  return stretches;
}
