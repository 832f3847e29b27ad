import type {
  TestDatabaseId,
  TestDatabases,
} from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { randomBytes } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import { MIGRATIONS_DIRECTORY, tuneForTraces } from '../store/database';
import { RollupReader } from '../query/RollupReader';
import { SeriesReader } from '../query/SeriesReader';
import { SessionReader } from '../query/SessionReader';
import { SpanReader } from '../query/SpanReader';
import { TailReader } from '../query/TailReader';
import { TraceReader } from '../query/TraceReader';
import { TraceFlags } from '../store/TraceFlags';
import { TraceNames } from '../store/TraceNames';
import {
  type SettledSpan,
  TraceWriter,
  type TraceWrite,
} from '../store/TraceWriter';

/** The store on a database, as one process has it. */
export function storeOn(knex: Knex, maxSpansOfTrace = 1_000) {
  const names = new TraceNames(knex);
  const rollups = new RollupReader({ knex, names });
  return {
    knex,
    names,
    writer: new TraceWriter({ knex, names, maxSpansOfTrace }),
    reader: new TraceReader({ knex, names }),
    sessions: new SessionReader({ knex, names }),
    spans: new SpanReader({ knex, names }),
    series: new SeriesReader({ rollups, names }),
    flags: new TraceFlags({ knex }),
    tail: new TailReader({ rollups, names }),
  };
}

export async function openStore(databases: TestDatabases, id: TestDatabaseId) {
  const knex = await databases.init(id);
  await knex.migrate.latest({ directory: MIGRATIONS_DIRECTORY });
  await tuneForTraces(knex);
  return storeOn(knex);
}

export const hex = (digits: number) => randomBytes(digits / 2).toString('hex');

/** A span of the desk of the care group. */
export function settled(options: Partial<SettledSpan> = {}): SettledSpan {
  return {
    traceId: '',
    spanId: hex(16),
    name: 'work',
    kind: 'agent',
    startUs: Date.now() * 1_000 - 1e6,
    durationUs: 100_000,
    agentRef: 'agent:default/desk',
    ownerRef: 'group:default/care',
    clockSkewed: false,
    ...options,
  };
}

export function writeOf(
  traceId: string,
  spans: SettledSpan[],
  sender = 'plugin:orchestration',
): TraceWrite {
  return {
    traceId,
    sender,
    spans,
    details: zstdCompressSync(
      JSON.stringify(
        Object.fromEntries(
          spans.map(({ spanId }) => [
            spanId,
            { attributes: {}, events: [], leftOut: 0, resource: {}, scope: '' },
          ]),
        ),
      ),
    ),
  };
}
