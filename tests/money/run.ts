// Whether money can be lost, spent twice or overspent: several gateway processes,
// one database, a provider over HTTP, and every fault that we know of.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect } from './connect';
import { rateScenarios } from './rateScenarios';
import { scenarios } from './scenarios';
import { openScene } from './Scene';

async function main(): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'agent-portal-money-'));
  const postgres = process.env.MONEY_POSTGRES;
  const databases = [
    { name: 'SQLite', address: path.join(folder, 'money.sqlite') },
    ...(postgres
      ? [{ name: 'PostgreSQL', address: await emptyDatabase(postgres) }]
      : []),
  ];
  let passed = 0;
  let failed = 0;
  for (const { name, address } of databases) {
    const scene = await openScene(address);
    for (const [title, play] of Object.entries({
      ...scenarios,
      ...rateScenarios,
    })) {
      const started = performance.now();
      try {
        await play(scene);
        passed += 1;
        print(`✓ ${name}: ${title}`, started);
      } catch (error) {
        failed += 1;
        print(`✗ ${name}: ${title}`, started);
        process.stdout.write(`${(error as Error)?.stack ?? error}\n`);
      }
    }
    await scene.close();
  }
  rmSync(folder, { recursive: true, force: true });
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed;
}

async function emptyDatabase(server: string): Promise<string> {
  const name = `money_${process.pid}`;
  const admin = connect(server);
  await admin.raw(`create database ${name}`);
  await admin.destroy();
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.toString();
}

function print(line: string, started: number): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${line} (${seconds} s)\n`);
}

main().then(
  failed => process.exit(failed === 0 ? 0 : 1),
  error => {
    process.stderr.write(`${error?.stack ?? error}\n`);
    process.exit(1);
  },
);
