import createKnex, { type Knex } from 'knex';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { makeDurable, MIGRATIONS_DIRECTORY } from '../store/database';
import { exportLines, openLog, verify } from './log';

const PROCESSES = 2;
const program = path.resolve(__dirname, 'writerProcess.ts');
const OFFERED = /^offered (\d+) in (\d+) ms$/;

/** Lets a process write until so many entries were acknowledged, and kills it. */
async function killOne(
  config: Knex.Config,
  { acknowledged, perSecond }: { acknowledged: number; perSecond: number },
) {
  const child = spawn(
    process.execPath,
    [
      '--require',
      require.resolve('@backstage/cli/config/nodeTransform.cjs'),
      program,
      JSON.stringify(config),
      String(perSecond),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const told: string[] = [];
  let offered = { entries: 0, ms: 0 };
  let rest = '';
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', text => (errors += text));
  child.stdout.setEncoding('utf8').on('data', text => {
    // The last line may be half of one.
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      const [, entries, ms] = line.match(OFFERED) ?? [];
      if (ms) offered = { entries: Number(entries), ms: Number(ms) };
      else told.push(line);
    }
    if (told.length > acknowledged) {
      child.kill('SIGKILL');
    }
  });
  await new Promise(resolve => child.once('close', resolve));
  if (errors || told.length <= acknowledged) {
    throw new Error(errors || `It ended after ${told.length} entries.`);
  }
  return { told, offered };
}

/**
 * Kills two processes, one after the other, while they are offered entries at a rate.
 *
 * @returns what was acknowledged and is not there, and what the offline verifier says of the rest
 */
export async function writeAndKill(
  config: Knex.Config,
  options: { acknowledged: number; perSecond: number },
) {
  const knex = createKnex(config);
  await makeDurable(knex);
  await knex.migrate.latest({ directory: MIGRATIONS_DIRECTORY });
  const acknowledged: string[] = [];
  let slowest = Infinity;
  for (let i = 0; i < PROCESSES; i += 1) {
    const { told, offered } = await killOne(config, options);
    acknowledged.push(...told);
    slowest = Math.min(slowest, (offered.entries / offered.ms) * 1_000);
  }
  const { audit, trees } = await openLog(knex);
  const rows = await knex('audit_entries').select('seq', 'id');
  const there = new Set(rows.map(({ seq, id }) => `${seq} ${id}`));
  const report = verify(
    await exportLines(audit),
    await trees.keys(),
    await trees.heads(1, 0, 1_000),
  );
  await knex.destroy();
  return {
    acknowledged: acknowledged.length,
    lost: acknowledged.filter(line => !there.has(line)),
    /** Entries a second, of the process that was offered fewer. */
    offered: Math.round(slowest),
    written: rows.length,
    report,
  };
}
