/** As far as a tree is made of it. */
export interface TreeItem {
  spanId: string;
  parentId?: string;
  startUs: number;
}

/** A span at its place. */
export interface Placed<Item> {
  item: Item;
  depth: number;
  childCount: number;
  /** Its parent did not arrive, or is below it. */
  parentMissing: boolean;
}

/**
 * Spans in the order in which a tree is read: each, then what it did, by time. Nothing is
 * lost: spans without a parent that is there stand at the top, and so does the earliest of
 * those that name each other as parents.
 *
 * @param below - only what is below this span
 * @param levels - only so many levels
 */
export function placeSpans<Item extends TreeItem>(
  items: Item[],
  { below, levels = Infinity }: { below?: string; levels?: number } = {},
): Array<Placed<Item>> {
  const sorted = [...items].sort(byTime);
  const byId = new Map(sorted.map(item => [item.spanId, item]));
  const children = Map.groupBy(sorted, ({ parentId }) => parentId);
  const placed: Array<Placed<Item>> = [];
  const seen = new Set<string>();

  const place = (top: Item, parentMissing: boolean) => {
    const open = [{ item: top, depth: 0, parentMissing }];
    for (let next = open.pop(); next; next = open.pop()) {
      const { item } = next;
      if (seen.has(item.spanId)) {
        continue;
      }
      seen.add(item.spanId);
      const under = (children.get(item.spanId) ?? []).filter(
        ({ spanId }) => !seen.has(spanId),
      );
      placed.push({ ...next, childCount: under.length });
      if (next.depth + 1 < levels) {
        for (const child of under.toReversed()) {
          open.push({
            item: child,
            depth: next.depth + 1,
            parentMissing: false,
          });
        }
      }
    }
  };

  if (below !== undefined) {
    seen.add(below);
    children.get(below)?.forEach(child => place(child, false));
    return placed;
  }
  const tops = sorted.filter(
    ({ parentId }) => parentId === undefined || !byId.has(parentId),
  );
  tops.forEach(top => place(top, top.parentId !== undefined));
  // Whoever cannot be reached from the top is in a circle, or below one.
  const reached = new Set<string>();
  reach(tops, children, reached);
  for (const item of sorted) {
    if (!reached.has(item.spanId)) {
      const first = firstOfCircle(item, byId);
      place(first, true);
      reach([first], children, reached);
    }
  }
  return placed;
}

function byTime(a: TreeItem, b: TreeItem): number {
  return a.startUs - b.startUs || (a.spanId < b.spanId ? -1 : 1);
}

/** The earliest of the circle that an item is in or below. */
function firstOfCircle<Item extends TreeItem>(
  item: Item,
  byId: ReadonlyMap<string, Item>,
): Item {
  const above = new Set<Item>();
  let at = item;
  while (!above.has(at)) {
    above.add(at);
    at = byId.get(at.parentId!)!;
  }
  // Whoever is met twice is in it, and those that were met since are the others.
  const met = [...above];
  return met.slice(met.indexOf(at)).sort(byTime)[0];
}

/** Notes who is below; each is looked at once, however often this is asked. */
function reach<Item extends TreeItem>(
  tops: Item[],
  children: ReadonlyMap<string | undefined, Item[]>,
  reached: Set<string>,
): void {
  const open = [...tops];
  for (let item = open.pop(); item; item = open.pop()) {
    if (!reached.has(item.spanId)) {
      reached.add(item.spanId);
      open.push(...(children.get(item.spanId) ?? []));
    }
  }
}
