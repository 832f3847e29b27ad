// How many spans a second the trace store takes while people ask, how long they wait, and
// how much room a span needs; beside plain inserts of the same spans into one table.
// Start it with: node --require @backstage/cli/config/nodeTransform.cjs bench/traces/run.ts
// SPANS says how many (300,000 unless given); on PostgreSQL only with BENCH_POSTGRES.
import createKnex, { type Knex } from 'knex';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  exportOf,
  span,
} from '../../plugins/traces-backend/src/__testUtils__/payloads';
import { storeOn } from '../../plugins/traces-backend/src/__testUtils__/store';
import { readExport } from '../../plugins/traces-backend/src/decode/readExport';
import { WriteQueue } from '../../plugins/traces-backend/src/ingest/WriteQueue';
import {
  isSqlite,
  MIGRATIONS_DIRECTORY,
  tuneForTraces,
} from '../../plugins/traces-backend/src/store/database';

const SPANS = Number(process.env.SPANS ?? 300_000);
/** How many of them are there before anything is measured. */
const HISTORY = SPANS / 3;
const OF_TRACE = 8;
/** Spans of one request, and requests that wait for their end at the same time. */
const OF_REQUEST = 400;
const SENDERS = 8;
const AGENTS = 50;
const DAYS = 7;
/** A pause between two questions while spans are written. */
const PAUSE_MS = 50;
const QUESTIONS = 200;
const LARGE = 900;

let seed = 42;
function random(below: number): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
}

let begun = 0;

/** Traces of the last week, one after another; those that are measured begin now, as many do at once. */
function nextStart(): number {
  begun += 1;
  const share = (begun * OF_TRACE) / HISTORY;
  return Math.floor(
    Date.now() -
      60_000 -
      random(30_000) -
      Math.max(0, 1 - share) * (DAYS * 86_400_000 - 180_000),
  );
}

/** An export as an agent sends it: a run with calls of models and tools. */
function request(traces: number, size = OF_TRACE): object {
  return exportOf(
    Array.from({ length: traces }, () => {
      const agent = random(AGENTS);
      const start = nextStart();
      const root = span({
        name: `invoke_agent agent-${agent}`,
        ...{ start, ms: 500 + random(20_000) },
        spanId: randomBytes(8).toString('hex'),
        failed: random(20) === 0,
        attributes: {
          'gen_ai.operation.name': 'invoke_agent',
          'gen_ai.agent.id': `agent:default/agent-${agent}`,
          'gen_ai.conversation.id': `session-${random(10_000)}`,
          'user.id': `user:default/person-${random(500)}`,
        },
      });
      const steps = Array.from({ length: size - 1 }, (_, i) =>
        span({
          traceId: root.traceId,
          spanId: randomBytes(8).toString('hex'),
          parentId: root.spanId,
          start: start + i * 50,
          ms: 20 + random(3_000),
          name: i % 2 ? `execute_tool tool-${random(30)}` : 'chat gpt-5',
          attributes:
            i % 2
              ? {
                  'gen_ai.operation.name': 'execute_tool',
                  'gen_ai.tool.name': `tool-${random(30)}`,
                  'gen_ai.tool.call.id': randomBytes(12).toString('base64url'),
                }
              : {
                  'gen_ai.operation.name': 'chat',
                  'gen_ai.provider.name': 'openai',
                  'gen_ai.request.model': `gpt-${random(5)}`,
                  'gen_ai.response.id': randomBytes(12).toString('base64url'),
                  'gen_ai.response.finish_reasons': ['stop'],
                  'gen_ai.usage.input_tokens': 100 + random(8_000),
                  'gen_ai.usage.output_tokens': 10 + random(800),
                  'agentportal.cost_nano_usd': random(50_000_000),
                },
        }),
      );
      return [root, ...steps];
    }).flat(),
    { 'service.name': 'crew', 'service.version': '1.4.2' },
  );
}

/** As worker processes do it. */
function decoded(payload: object) {
  const { traces } = readExport({
    format: 'json',
    body: Buffer.from(JSON.stringify(payload)),
    ...{ keepsContent: false, maxSpans: 20_000 },
    ...{ earliestUs: 0, latestUs: 1e18 },
  });
  return traces.map(({ spans, ...rest }) => ({
    ...rest,
    sender: 'plugin:orchestration',
    spans: spans.map(({ claimedAgentRef, claimedUser, ...one }) => ({
      ...one,
      ...(claimedAgentRef && {
        agentRef: claimedAgentRef,
        ownerRef: `group:default/team-${claimedAgentRef.length % 7}`,
      }),
      userRef: claimedUser,
    })),
  }));
}

const p95 = (times: number[]) =>
  times.sort((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? 0;

async function measure(knex: Knex, bytesOf: () => Promise<number>) {
  begun = 0;
  await knex.migrate.latest({ directory: MIGRATIONS_DIRECTORY });
  await tuneForTraces(knex);
  const store = storeOn(knex, 20_000);
  const queue = new WriteQueue(store.writer);
  const period = () => ({
    fromUs: (Date.now() - DAYS * 86_400_000) * 1_000,
    toUs: Date.now() * 1_000,
  });
  const known: string[] = [];
  const agent = () => `agent:default/agent-${random(AGENTS)}`;
  const questions: Record<string, () => Promise<unknown>> = {
    list: () => store.reader.list(period(), { limit: 50 }, undefined),
    'list of an agent': () =>
      store.reader.list(
        { ...period(), agentRef: agent(), status: 'error' },
        { limit: 50 },
        undefined,
      ),
    'list of an owner and a person': () =>
      store.reader.list(
        period(),
        { limit: 50 },
        {
          anyOf: [
            { key: 'owner', values: ['group:default/team-1'] },
            { key: 'user', values: [`user:default/person-${random(500)}`] },
          ],
        },
      ),
    trace: async () => {
      const [found] = await store.reader.find([known[random(known.length)]]);
      return store.spans.list(found!, { limit: 1_000 });
    },
    dashboard: () =>
      store.series.read(
        { ...period(), kind: 'trace', groupBy: 'owner' },
        { limit: 10 },
        undefined,
      ),
    'dashboard of an agent': () =>
      store.series.read(
        { ...period(), kind: 'model', groupBy: 'model', agent: agent() },
        { limit: 10 },
        undefined,
      ),
    sessions: () => store.reader.sessions(period(), { limit: 25 }, undefined),
  };
  const ask = async (times: Record<string, number[]>, kind: string) => {
    const since = performance.now();
    await questions[kind]();
    (times[kind] ??= []).push(performance.now() - since);
  };

  // While spans are written people ask.
  const during: Record<string, number[]> = {};
  let isWriting = true;
  const readers = (async () => {
    for (let i = 0; isWriting; i += 1) {
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
      if (known.length) {
        await ask(during, Object.keys(questions)[i % 7]);
      }
    }
  })();
  let written = 0;
  let writingMs = 0;
  let measured = 0;
  // Made outside of what is measured: other processes decode.
  while (written < SPANS) {
    const batches = Array.from({ length: 5 * SENDERS }, () =>
      decoded(request(OF_REQUEST / OF_TRACE)),
    );
    const batchSpans = batches.length * OF_REQUEST;
    const since = performance.now();
    await Promise.all(
      Array.from({ length: SENDERS }, async () => {
        for (let next = batches.pop(); next; next = batches.pop()) {
          await queue.write(next);
          written += OF_REQUEST;
          known.push(next[0].traceId);
        }
      }),
    );
    if (written > HISTORY) {
      writingMs += performance.now() - since;
      measured += batchSpans;
    }
  }
  isWriting = false;
  await readers;
  const large = decoded(request(1, LARGE));
  await queue.write(large);
  const after: Record<string, number[]> = {};
  for (const kind of Object.keys(questions)) {
    for (let i = 0; i < QUESTIONS; i += 1) {
      await ask(after, kind);
    }
  }
  const [found] = await store.reader.find([large[0].traceId]);
  const since = performance.now();
  await store.spans.list(found!, { limit: 1_000 });
  const openMs = performance.now() - since;
  const [{ count }] = await knex('spans').count({ count: '*' });
  if (Number(count) !== written + LARGE) {
    throw new Error(`${count} spans were written of ${written + LARGE}`);
  }
  return {
    perSecond: Math.round((measured / writingMs) * 1_000),
    bytes: Math.round((await bytesOf()) / Number(count)),
    openMs,
    ...{ during, after },
    plainPerSecond: await measurePlain(knex),
  };
}

/** The same spans as rows of one table, as a program without a store writes them. */
async function measurePlain(knex: Knex): Promise<number> {
  await knex.schema.createTable('plain', table => {
    table.string('span_id').primary();
    table.string('trace_id').index();
    table.string('name');
    table.bigInteger('start_us').index();
    table.bigInteger('duration_us');
    table.text('attributes');
  });
  let ms = 0;
  const batches = 50;
  for (let i = 0; i < batches; i += 1) {
    const rows = decoded(request(OF_REQUEST / OF_TRACE)).flatMap(({ spans }) =>
      spans.map(one => ({
        ...{ span_id: one.spanId, trace_id: one.traceId, name: one.name },
        ...{ start_us: one.startUs, duration_us: one.durationUs },
        attributes: JSON.stringify(one),
      })),
    );
    const since = performance.now();
    await knex.transaction(tx => tx.batchInsert('plain', rows, 100));
    ms += performance.now() - since;
  }
  return Math.round(((batches * OF_REQUEST) / ms) * 1_000);
}

function measureDecoding(): number {
  const body = Buffer.from(JSON.stringify(request(OF_REQUEST / OF_TRACE)));
  const decode = () =>
    readExport({
      ...{ format: 'json' as const, body, keepsContent: false },
      ...{ maxSpans: 20_000, earliestUs: 0, latestUs: 1e18 },
    });
  for (let i = 0; i < 20; i += 1) decode();
  const { user } = process.cpuUsage();
  for (let i = 0; i < 50; i += 1) decode();
  return Math.round((50 * OF_REQUEST * 1e6) / (process.cpuUsage().user - user));
}

function report(name: string, of: Awaited<ReturnType<typeof measure>>): void {
  const lines = Object.keys(of.after).map(
    kind =>
      `  ${kind.padEnd(30)} p95 ${p95(of.after[kind]).toFixed(0)} ms, ${p95(
        of.during[kind] ?? [],
      ).toFixed(0)} ms while spans are written`,
  );
  process.stdout.write(
    `${name}: ${of.perSecond} spans/s while people ask (plain inserts by knex ${
      of.plainPerSecond
    }/s), ${
      of.bytes
    } bytes a span, a trace of ${LARGE} spans opens in ${of.openMs.toFixed(
      0,
    )} ms\n${lines.join('\n')}\n`,
  );
}

async function main() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'traces-bench-'));
  const results: Record<string, Awaited<ReturnType<typeof measure>>> = {};
  try {
    process.stdout.write(
      `${SPANS.toLocaleString(
        'en-US',
      )} spans (10 million are the aim; SPANS says how many), ${OF_TRACE} a trace, ${AGENTS} agents, ${DAYS} days\n` +
        `decoding in a process of its own: ${measureDecoding()} spans/s of CPU\n`,
    );
    const stores: Array<[string, Knex]> = [
      [
        'sqlite',
        createKnex({
          client: 'better-sqlite3',
          connection: path.join(folder, 'traces.sqlite'),
          useNullAsDefault: true,
        }),
      ],
    ];
    const { BENCH_POSTGRES } = process.env;
    if (BENCH_POSTGRES) {
      stores.push([
        'postgres',
        createKnex({ client: 'pg', connection: BENCH_POSTGRES }),
      ]);
    }
    for (const [name, knex] of stores) {
      results[name] = await measure(knex, async () => {
        if (isSqlite(knex)) {
          await knex.raw('PRAGMA wal_checkpoint(TRUNCATE)');
          return statSync(path.join(folder, 'traces.sqlite')).size;
        }
        const { rows } = await knex.raw(
          'select pg_database_size(current_database()) as size',
        );
        return Number(rows[0].size);
      });
      report(name, results[name]);
      await knex.destroy();
    }
    const { sqlite, postgres } = results;
    process.stdout.write(
      `traces: sqlite ${sqlite.perSecond}/s postgres ${
        postgres ? `${postgres.perSecond}/s` : 'not measured'
      } list-p95 ${p95(sqlite.after.list).toFixed(0)} ms trace-p95 ${p95(
        sqlite.after.trace,
      ).toFixed(0)} ms\n`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

main().catch(error => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
