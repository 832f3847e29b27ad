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
  // A word has the spaces after it, and the end of a line is of its own: a word stays the same at another place.
  const words = (text: string) => text.match(/\n+|[^\S\n]+|\S+[^\S\n]*/g) ?? [];
  const wordOf = (text: string) => text.trimEnd() || text;
  const stretches: Stretch[] = [];
  const add = (text: string, side: Stretch['side']) => {
    const last = stretches.at(-1);
    if (last?.side === side) {
      last.text += text;
    } else if (text) {
      stretches.push({ text, side });
    }
  };
  for (const pair of align(words(left), words(right), wordOf)) {
    if (!('right' in pair)) {
      add(pair.left, 'left');
    } else if (!('left' in pair)) {
      add(pair.right, 'right');
    } else if (pair.left === pair.right) {
      add(pair.left, 'both');
    } else {
      const word = wordOf(pair.left);
      add(word, 'both');
      add(pair.left.slice(word.length), 'left');
      add(pair.right.slice(word.length), 'right');
    }
  }
  return stretches;
}
