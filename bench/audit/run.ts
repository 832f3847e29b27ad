// How many entries a second the audit log takes: sealed (with a person encrypted in each),
// in the tree, signed, and durable before it is acknowledged. What is lost when the process is
// killed meanwhile, and how large a proof is.
// Start it with: node --require @backstage/cli/config/nodeTransform.cjs bench/audit/run.ts
// On PostgreSQL only with its connection string in BENCH_POSTGRES.
import {
  appendLeaves,
  edgeOf,
  leafHash,
  readInclusionProof,
  type Tile,
} from '@agentportal/audit-log';
import createKnex, { type Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  openLog,
  record,
} from '../../plugins/governance-backend/src/__testUtils__/log';
import { writeAndKill } from '../../plugins/governance-backend/src/__testUtils__/writeAndKill';
import {
  makeDurable,
  MIGRATIONS_DIRECTORY,
} from '../../plugins/governance-backend/src/store/database';

const ENTRIES = 30_000;
const ROUNDS = 3;
/** Callers that wait for their entry at the same time. */
const CALLERS = 2_000;
const TREE = 1_000_000;
/** Of each process that is killed: what it is offered, and after how many acknowledged entries it ends. */
const KILLED = { perSecond: 2_000, acknowledged: 20_000 };

interface Measured {
  perSecond: number;
  /** Of this process; what PostgreSQL itself needs comes on top. */
  cpuMicroseconds: number;
}

async function measure(config: Knex.Config): Promise<Measured> {
  const knex = createKnex(config);
  await makeDurable(knex);
  await knex.migrate.latest({ directory: MIGRATIONS_DIRECTORY });
  const { audit, counts, trees } = await openLog(knex, { headEvery: 1_000 });
  const best = { perSecond: 0, cpuMicroseconds: Infinity };
  for (let round = 0; round < ROUNDS; round += 1) {
    let next = 0;
    const begun = performance.now();
    const cpuBegun = process.cpuUsage();
    await Promise.all(
      Array.from({ length: CALLERS }, async () => {
        while (next < ENTRIES) {
          next += 1;
          const i = next;
          await audit.record(
            [
              record({
                personRef: `user:default/person-${i % 500}`,
                agentRef: `agent:default/agent-${i % 50}`,
                runId: randomUUID(),
                argsDigest: `sha256:${i}`,
                reason: 'The amount is below the limit of the policy.',
                ruleIds: ['refund-limit'],
                data: { amount: i, currency: 'EUR' },
              }),
            ],
            'plugin:tools',
          );
        }
      }),
    );
    const seconds = (performance.now() - begun) / 1_000;
    const { user, system } = process.cpuUsage(cpuBegun);
    best.perSecond = Math.max(best.perSecond, Math.round(ENTRIES / seconds));
    best.cpuMicroseconds = Math.min(
      best.cpuMicroseconds,
      Math.round((user + system) / ENTRIES),
    );
  }
  const [{ count }] = await knex('audit_entries').count({ count: '*' });
  if (Number(count) !== ENTRIES * ROUNDS) {
    throw new Error(`${count} entries were written of ${ENTRIES * ROUNDS}`);
  }
  // Counting goes on beside the writing, and needs the database until it is done.
  await counts.catchUp((await trees.list()).map(({ id }) => id));
  await knex.destroy();
  return best;
}

/** In words. */
async function killed(config: Knex.Config): Promise<string> {
  const { acknowledged, lost, offered, report } = await writeAndKill(
    config,
    KILLED,
  );
  if (lost.length || !report.intact) {
    throw new Error(
      `${lost.length} of ${acknowledged} acknowledged entries are lost; ${report.problems.length} problems`,
    );
  }
  return `0 of ${acknowledged} lost at ${offered}/s offered`;
}

async function proofBytes(): Promise<number> {
  const tiles = new Map<string, Tile>();
  const keyOf = ({ level, index }: { level: number; index: number }) =>
    `${level}/${index}`;
  for (let size = 0; size < TREE; size += 1_000) {
    const leaves = Array.from({ length: 1_000 }, (_, i) =>
      leafHash(String(size + i)),
    );
    appendLeaves(
      size,
      edgeOf(size).map(id => tiles.get(keyOf(id))!),
      leaves,
    ).forEach(tile => tiles.set(keyOf(tile), tile));
  }
  const hashes = await readInclusionProof(TREE / 3, TREE, async ids =>
    ids.map(id => tiles.get(keyOf(id))!),
  );
  return hashes.length * hashes[0].length;
}

async function main() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'audit-bench-'));
  try {
    const sqliteFile = (name: string): Knex.Config => ({
      client: 'better-sqlite3',
      connection: path.join(folder, name),
      useNullAsDefault: true,
    });
    const { BENCH_POSTGRES } = process.env;
    const postgresSchema = async (name: string): Promise<Knex.Config> => {
      const knex = createKnex({ client: 'pg', connection: BENCH_POSTGRES });
      await knex.schema.createSchema(name);
      await knex.destroy();
      return { client: 'pg', connection: BENCH_POSTGRES, searchPath: [name] };
    };
    const kills = [`sqlite ${await killed(sqliteFile('killed.sqlite'))}`];
    if (BENCH_POSTGRES) {
      kills.push(`postgres ${await killed(await postgresSchema('killed'))}`);
    }
    const sqlite = await measure(sqliteFile('audit.sqlite'));
    const postgres =
      BENCH_POSTGRES && (await measure(await postgresSchema('measured')));
    const cpu = [sqlite, ...(postgres ? [postgres] : [])]
      .map(({ cpuMicroseconds }) => `${cpuMicroseconds} µs`)
      .join(' and ');
    process.stdout.write(
      `killed -9 twice: ${kills.join(', ')}\n` +
        `${ENTRIES} entries, the best of ${ROUNDS} rounds, ${CALLERS} callers that wait for theirs; ${cpu} of CPU for each in this process\n` +
        `audit: sqlite ${sqlite.perSecond}/s, postgres ${
          postgres ? `${postgres.perSecond}/s` : 'not measured'
        }, inclusion proof ${await proofBytes()} bytes at ${TREE.toLocaleString(
          'en-US',
        )} entries\n`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

main().catch(error => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
