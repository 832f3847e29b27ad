/** A stretch of words that both texts have, or only one. */
export interface DiffPart {
  change: 'same' | 'added' | 'removed';
  text: string;
}

/** Comparing takes as many steps as there are pairs of words; beyond this the page would stand still. */
const MOST_PAIRS = 1_000_000;

/** How one text became another, word by word. Source: longest common subsequence. */
export function wordDiff(before: string, after: string): DiffPart[] {
  const [was, is] = [before, after].map(text => text.match(/\s+|\S+/g) ?? []);
  const shortest = Math.min(was.length, is.length);
  let start = 0;
  while (start < shortest && was[start] === is[start]) {
    start += 1;
  }
  let end = 0;
  while (end < shortest - start && was.at(-1 - end) === is.at(-1 - end)) {
    end += 1;
  }
  const [old, now] = [was, is].map(all => all.slice(start, all.length - end));
  const parts: DiffPart[] = [];
  const add = (change: DiffPart['change'], words: readonly string[]) => {
    const last = parts.at(-1);
    if (last?.change === change) {
      last.text += words.join('');
    } else if (words.length) {
      parts.push({ change, text: words.join('') });
    }
  };
  add('same', was.slice(0, start));
  if (old.length * now.length > MOST_PAIRS) {
    add('removed', old);
    add('added', now);
  } else {
    const width = now.length + 1;
    const longest = new Uint32Array((old.length + 1) * width);
    for (let i = old.length - 1; i >= 0; i--) {
      for (let j = now.length - 1; j >= 0; j--) {
        longest[i * width + j] =
          old[i] === now[j]
            ? longest[(i + 1) * width + j + 1] + 1
            : Math.max(
                longest[(i + 1) * width + j],
                longest[i * width + j + 1],
              );
      }
    }
    let [i, j] = [0, 0];
    while (i < old.length || j < now.length) {
      if (i < old.length && j < now.length && old[i] === now[j]) {
        add('same', [old[i]]);
        i += 1;
        j += 1;
      } else if (
        j === now.length ||
        (i < old.length &&
          longest[(i + 1) * width + j] >= longest[i * width + j + 1])
      ) {
        add('removed', [old[i]]);
        i += 1;
      } else {
        add('added', [now[j]]);
        j += 1;
      }
    }
  }
  add('same', was.slice(was.length - end));
  return parts;
}
