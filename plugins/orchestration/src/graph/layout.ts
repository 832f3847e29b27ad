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

const NODE = { width: 172, height: 62 };
const GAP = { x: 16, y: 34, pass: 14 };
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
  const ways: Layout['ways'] = edges.map(() => []);
  const inside = Map.groupBy(nodes, ({ parentId }) => parentId ?? '');

  /** Lays out what is inside a node, from the corner of that. */
  const place = (
    parentId: string,
  ): Omit<Layout, 'ways'> & { own: number[] } => {
    const inner = new Map<string, ReturnType<typeof place>>();
    const cells = new Map<string, Cell>();
    for (const { id } of inside.get(parentId) ?? []) {
      const size = { ...NODE };
      if (inside.has(id)) {
        const held = place(id);
        inner.set(id, held);
        size.width = Math.max(size.width, held.width + 2 * PADDING);
        size.height += held.height + PADDING;
      }
      cells.set(id, cellOf(id, size));
    }
    const drawn = edges.flatMap(({ from, to }, index) =>
      cells.has(from) && cells.has(to) ? [{ from, to, index }] : [],
    );
    const rowOf = rowsOf([...cells.keys()], drawn);
    const rows: Cell[][] = [];
    const put = (cell: Cell, row: number) => {
      rows[row] = [...(rows[row] ?? []), cell];
      return cell;
    };
    cells.forEach(cell => put(cell, rowOf.get(cell.id)!));
    // What leads from one node to several passes a row together.
    const passes = new Map<string, Cell>();
    const passed = drawn.map(({ from, to, index }) => {
      const way = [cells.get(from)!];
      for (let row = rowOf.get(from)! + 1; row < rowOf.get(to)!; row += 1) {
        const key = `${row} ${from}`;
        const known =
          passes.get(key) ?? put(cellOf('', { width: 0, height: 0 }), row);
        passes.set(key, known);
        way.push(known);
      }
      way.push(cells.get(to)!);
      way.slice(1).forEach((cell, i) => {
        cell.above.push(way[i]);
        way[i].below.push(cell);
      });
      return { way, index };
    });
    const size = placeRows(rows);
    passed.forEach(({ way, index }) => {
      ways[index] = way
        .flatMap(({ x, y, width, height }) => [
          { x: x + width / 2, y },
          { x: x + width / 2, y: y + height },
        ])
        .slice(1, -1);
    });
    const boxes = new Map<string, Box>();
    const own = drawn.map(({ index }) => index);
    cells.forEach(({ id, x, y, width, height }) => {
      boxes.set(id, { x, y, width, height });
      const held = inner.get(id);
      if (held) {
        const move = <T extends { x: number; y: number }>(at: T): T => ({
          ...at,
          x: at.x + x + (width - held.width) / 2,
          y: at.y + y + NODE.height,
        });
        held.boxes.forEach((box, each) => boxes.set(each, move(box)));
        held.own.forEach(index => {
          own.push(index);
          ways[index] = ways[index].map(move);
        });
      }
    });
    return { ...size, boxes, own };
  };
  const { width, height, boxes } = place('');
  return { width, height, boxes, ways };
}

function cellOf(id: string, size: Pick<Box, 'width' | 'height'>): Cell {
  return { id, x: 0, y: 0, ...size, above: [], below: [] };
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
    const ranked = byRank.get(rank)!;
    for (const [i, id] of ranked.entries()) {
      rows.set(id, first + Math.floor(i / WIDEST_ROW));
    }
    first += Math.ceil(ranked.length / WIDEST_ROW);
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
