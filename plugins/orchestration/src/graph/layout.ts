/** What is laid out: nodes, some inside others, and how they follow each other. */
export interface Layable {
  nodes: ReadonlyArray<{ id: string; parentId?: string }>;
  edges: ReadonlyArray<{ from: string; to: string }>;
}

/** Where a node is, in pixels from the corner of the graph. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A graph with places: rows from top to bottom, each node below all that it follows. */
export interface Layout {
  width: number;
  height: number;
  boxes: Map<string, Box>;
  /** The points that each edge passes, in the order of the edges; none for one that cannot be drawn. */
  ways: Array<Array<{ x: number; y: number }>>;
}

const NODE = { width: 216, height: 62 };
const GAP = { x: 20, y: 34, pass: 14 };
/** Round the nodes inside another one, whose own words stand above them. */
const PADDING = 14;
/** A row with more is continued below. */
const WIDEST_ROW = 5;
const SWEEPS = 4;

/** What stands in a row: a node, or the place where an edge passes it. */
interface Cell extends Box {
  id: string;
  above: Cell[];
  below: Cell[];
}

/**
 * Lays a graph out in rows. It takes no measure of what is drawn and gives the same graph the
 * same places whatever the states of its nodes, so nothing moves while a run goes on.
 */
export function layOut({ nodes, edges }: Layable): Layout {
  const boxes = new Map<string, Box>();
  const ways: Layout['ways'] = edges.map(() => []);
  const inside = Map.groupBy(nodes, ({ parentId }) => parentId ?? '');

  /** Places what is inside a node, from the corner of that. */
  const place = (parentId: string): { width: number; height: number } => {
    const ids = (inside.get(parentId) ?? []).map(({ id }) => id);
    const cells = new Map(
      ids.map(id => {
        const inner = inside.has(id) ? place(id) : undefined;
        const size = inner
          ? {
              width: Math.max(NODE.width, inner.width + 2 * PADDING),
              height: NODE.height + inner.height + PADDING,
            }
          : NODE;
        return [id, { id, x: 0, y: 0, ...size, above: [], below: [] } as Cell];
      }),
    );
    const own = edges.flatMap(({ from, to }, index) =>
      cells.has(from) && cells.has(to) ? [{ from, to, index }] : [],
    );
    const rowOf = rowsOf(ids, own);
    const rows: Cell[][] = [];
    const put = (cell: Cell, row: number) => {
      rows[row] = [...(rows[row] ?? []), cell];
    };
    cells.forEach(cell => put(cell, rowOf.get(cell.id)!));
    // What leads from one node to several passes a row together.
    const passes = new Map<string, Cell>();
    const passed = own.map(({ from, to, index }) => {
      const way = [cells.get(from)!];
      for (let row = rowOf.get(from)! + 1; row < rowOf.get(to)!; row += 1) {
        const key = `${row} ${from}`;
        let cell = passes.get(key);
        if (!cell) {
          const size = { x: 0, y: 0, width: 0, height: 0 };
          cell = { id: '', ...size, above: [], below: [] };
          passes.set(key, cell);
          put(cell, row);
        }
        way.push(cell);
      }
      way.push(cells.get(to)!);
      way.slice(1).forEach((cell, i) => {
        cell.above.push(way[i]);
        way[i].below.push(cell);
      });
      return { way, index };
    });
    const size = placeRows(rows);
    cells.forEach(({ id, x, y, width, height }) =>
      boxes.set(id, { x, y, width, height }),
    );
    passed.forEach(({ way, index }) => {
      ways[index] = way.flatMap((cell, i) => {
        const x = cell.x + cell.width / 2;
        const top = { x, y: cell.y };
        const bottom = { x, y: cell.y + cell.height };
        if (i === 0) {
          return [bottom];
        }
        return i === way.length - 1 ? [top] : [top, bottom];
      });
    });
    return size;
  };

  const size = place('');
  // From the corner of the node that they are in to that of the graph.
  const placed = new Map(nodes.map(node => [node.id, node]));
  const cornerIn = (id: string | undefined): { x: number; y: number } => {
    const box = id === undefined ? undefined : boxes.get(id);
    if (!box) {
      return { x: 0, y: 0 };
    }
    const corner = cornerIn(placed.get(id!)!.parentId);
    const inner = innerWidth(inside.get(id!) ?? [], boxes);
    return {
      x: corner.x + box.x + (box.width - inner) / 2,
      y: corner.y + box.y + NODE.height,
    };
  };
  const corners = new Map(
    [...inside.keys()].map(id => [id, cornerIn(id || undefined)]),
  );
  const cornerOf = (id: string) => corners.get(placed.get(id)?.parentId ?? '')!;
  ways.forEach((way, i) => {
    const corner = cornerOf(edges[i].from);
    way.forEach(point => {
      point.x += corner.x;
      point.y += corner.y;
    });
  });
  return {
    ...size,
    ways,
    boxes: new Map(
      [...boxes].map(([id, box]) => {
        const corner = cornerOf(id);
        return [id, { ...box, x: box.x + corner.x, y: box.y + corner.y }];
      }),
    ),
  };
}

function innerWidth(
  nodes: ReadonlyArray<{ id: string }>,
  boxes: Map<string, Box>,
): number {
  return Math.max(
    ...nodes.map(({ id }) => {
      const { x, width } = boxes.get(id)!;
      return x + width;
    }),
  );
}

/** The row of each node: below all that it follows; a row that is too wide goes on below. */
function rowsOf(
  ids: string[],
  edges: Array<{ from: string; to: string }>,
): Map<string, number> {
  const into = Map.groupBy(edges, ({ to }) => to);
  const out = Map.groupBy(edges, ({ from }) => from);
  const missing = new Map(ids.map(id => [id, into.get(id)?.length ?? 0]));
  const ranks = new Map<string, number>();
  let ready = ids.filter(id => missing.get(id) === 0);
  for (let rank = 0; ready.length > 0; rank += 1) {
    const next: string[] = [];
    for (const id of ready) {
      ranks.set(id, rank);
      for (const { to } of out.get(id) ?? []) {
        missing.set(to, missing.get(to)! - 1);
        if (missing.get(to) === 0) {
          next.push(to);
        }
      }
    }
    ready = next;
  }
  const byRank = Map.groupBy(ids, id => ranks.get(id) ?? 0);
  const rows = new Map<string, number>();
  let first = 0;
  for (const rank of [...byRank.keys()].sort((a, b) => a - b)) {
    const of = byRank.get(rank)!;
    of.forEach((id, i) => rows.set(id, first + Math.floor(i / WIDEST_ROW)));
    first += Math.ceil(of.length / WIDEST_ROW);
  }
  return rows;
}

/** Orders each row by what its cells hang on, so that few edges cross, and gives all of them places. */
function placeRows(rows: Cell[][]): { width: number; height: number } {
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const side = sweep % 2 === 0 ? 'above' : 'below';
    rows.forEach(row => {
      const middle = (row.length - 1) / 2;
      row.forEach((cell, i) => {
        cell.x = i - middle;
      });
    });
    (side === 'above' ? rows : rows.toReversed()).forEach(row => {
      const wish = new Map(
        row.map(cell => [cell, cell[side].length ? mean(cell[side]) : cell.x]),
      );
      row.sort((a, b) => wish.get(a)! - wish.get(b)!);
      row.forEach((cell, i) => {
        cell.x = i - (row.length - 1) / 2;
      });
    });
  }
  const gapAfter = ({ id }: Cell) => (id ? GAP.x : GAP.pass);
  const widthOf = (row: Cell[]) =>
    row.reduce(
      (sum, cell, i) =>
        sum + cell.width + (i < row.length - 1 ? gapAfter(cell) : 0),
      0,
    );
  const width = Math.max(0, ...rows.map(widthOf));
  let y = 0;
  for (const row of rows) {
    let x = (width - widthOf(row)) / 2;
    const height = Math.max(...row.map(cell => cell.height));
    for (const cell of row) {
      cell.x = x;
      cell.y = y;
      if (!cell.id) {
        cell.height = height;
      }
      x += cell.width + gapAfter(cell);
    }
    y += height + GAP.y;
  }
  return { width, height: Math.max(0, y - GAP.y) };
}

function mean(cells: Cell[]): number {
  return cells.reduce((sum, { x }) => sum + x, 0) / cells.length;
}
