import { insertRows, isSqlite } from '@agentportal/plugin-agents-node';
import type { Knex } from 'knex';
import { DurationSketch } from './DurationSketch';

/** Lengths of the intervals in seconds, and how many of them are kept. */
export const RESOLUTIONS = [
  { seconds: 60, kept: 48 * 60 },
  { seconds: 3_600, kept: 400 * 24 },
  { seconds: 86_400, kept: 1_100 },
] as const;

const COLUMNS = {
  id: 'text',
  seconds: 'integer',
  kind: 'integer',
  bucket: 'bigint',
  agent: 'integer',
  owner: 'integer',
  model: 'integer',
  tool: 'integer',
  spans: 'bigint',
  errors: 'bigint',
  input_tokens: 'bigint',
  output_tokens: 'bigint',
  cache_read_tokens: 'bigint',
  cost_nano_usd: 'bigint',
  max_us: 'bigint',
  sketch: 'bytea',
} as const;
const SUMS = [
  'spans',
  'errors',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cost_nano_usd',
] as const;
const CHUNK = 500;

/** What a span adds to the figures. Numbers of names are 0 where there is none. */
export interface RollupItem {
  kind: number;
  startUs: number;
  durationUs: number;
  failed: boolean;
  agent: number;
  owner: number;
  model: number;
  tool: number;
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  costNanoUsd: number;
}

/** A row, with its sketch in hand. */
type Rollup = Record<Exclude<keyof typeof COLUMNS, 'id' | 'sketch'>, number> & {
  id: string;
  sketch: DurationSketch;
};

/** Adds spans to the figures of their minute, hour and day, in the transaction that writes them. */
export async function addToRollups(
  tx: Knex.Transaction,
  items: RollupItem[],
): Promise<void> {
  const added = sumUp(items);
  // In one order everywhere, so that two processes never wait for each other.
  const ids = [...added.keys()].sort();
  if (!isSqlite(tx)) {
    // A row that nobody has written cannot be locked.
    await insertRows(
      tx,
      'trace_rollups',
      COLUMNS,
      ids.map(id => toRow({ ...emptied(added.get(id)!) })),
      'on conflict do nothing',
    );
  }
  for (let at = 0; at < ids.length; at += CHUNK) {
    const chunk = ids.slice(at, at + CHUNK);
    const select = tx('trace_rollups')
      .whereIn('id', chunk)
      .orderBy('id')
      .select('id', 'max_us', 'sketch', ...SUMS);
    for (const row of isSqlite(tx) ? await select : await select.forUpdate()) {
      const rollup = added.get(row.id)!;
      for (const sum of SUMS) {
        rollup[sum] += Number(row[sum]);
      }
      rollup.max_us = Math.max(rollup.max_us, Number(row.max_us));
      rollup.sketch.merge(DurationSketch.decode(row.sketch));
    }
  }
  await insertRows(
    tx,
    'trace_rollups',
    COLUMNS,
    ids.map(id => toRow(added.get(id)!)),
    `on conflict (id) do update set ${[...SUMS, 'max_us', 'sketch']
      .map(column => `${column} = excluded.${column}`)
      .join(', ')}`,
  );
}

/** Deletes figures of intervals that are older than what is kept. */
export async function removeOldRollups(knex: Knex, now: number): Promise<void> {
  for (const { seconds, kept } of RESOLUTIONS) {
    for (const kind of Array(8).keys()) {
      await knex('trace_rollups')
        .where({ seconds, kind })
        .andWhere('bucket', '<', Math.floor(now / 1_000) - seconds * kept)
        .delete();
    }
  }
}

function sumUp(items: RollupItem[]): Map<string, Rollup> {
  const rollups = new Map<string, Rollup>();
  for (const item of items) {
    const { kind, agent, owner, model, tool } = item;
    for (const { seconds } of RESOLUTIONS) {
      const bucket = item.startUs - (item.startUs % (seconds * 1e6));
      const of = [seconds, bucket / 1e6, kind, agent, owner, model, tool];
      const id = of.map(number => number.toString(36)).join('.');
      let rollup = rollups.get(id);
      if (!rollup) {
        rollup = emptied({
          ...{ id, seconds, kind, bucket: bucket / 1e6 },
          ...{ agent, owner, model, tool },
        });
        rollups.set(id, rollup);
      }
      rollup.spans += 1;
      rollup.errors += item.failed ? 1 : 0;
      rollup.input_tokens += item.inputTokens;
      rollup.output_tokens += item.outputTokens;
      rollup.cache_read_tokens += item.cacheReadTokens;
      rollup.cost_nano_usd += item.costNanoUsd;
      rollup.max_us = Math.max(rollup.max_us, item.durationUs);
      rollup.sketch.add(item.durationUs);
    }
  }
  return rollups;
}

function emptied(
  key: Pick<
    Rollup,
    'id' | 'seconds' | 'kind' | 'bucket' | 'agent' | 'owner' | 'model' | 'tool'
  >,
): Rollup {
  return {
    ...key,
    ...{ spans: 0, errors: 0, input_tokens: 0, output_tokens: 0 },
    ...{ cache_read_tokens: 0, cost_nano_usd: 0, max_us: 0 },
    sketch: new DurationSketch(),
  };
}

function toRow({ sketch, ...rollup }: Rollup) {
  return { ...rollup, sketch: sketch.encode() };
}
