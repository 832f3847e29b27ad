// Whether several processes of the model gateway, beside a portal and on one
// PostgreSQL, are as good as one: real processes, a provider over HTTP.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect } from '../money/connect';
import { scenarios } from './scenarios';
import { openScene, type Scene } from './Scene';

async function main(): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'agent-portal-gateway-'));
  let scene: Scene | undefined;
  let failed = 0;
  try {
    let started = performance.now();
    scene = await openScene(
      await emptyDatabase(process.env.GATEWAY_POSTGRES!),
      folder,
    );
    print('a portal and three gateways are up', started);
    for (const [title, play] of Object.entries(scenarios)) {
      started = performance.now();
      try {
        await play(scene);
        print(`✓ ${title}`, started);
      } catch (error) {
        failed += 1;
        print(`✗ ${title}`, started);
        process.stdout.write(`${(error as Error)?.stack ?? error}\n`);
      }
    }
  } finally {
    await scene?.close();
    rmSync(folder, { recursive: true, force: true });
  }
  const passed = Object.keys(scenarios).length - failed;
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed;
}

async function emptyDatabase(server: string): Promise<string> {
  const name = `gateway_${process.pid}`;
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
