import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from './connect';
import type { Scene } from './Scene';

const AWAY_MS = 6_000;

/** Takes the database away from everybody for a while. */
export async function withDatabaseAway(
  scene: Pick<Scene, 'address'>,
  meanwhile: () => Promise<void>,
): Promise<void> {
  if (!scene.address.startsWith('postgres')) {
    // A lock that nobody else gets past.
    const locker = connect(scene.address);
    await locker.raw('begin exclusive');
    const done = meanwhile();
    await sleep(AWAY_MS);
    await locker.raw('commit');
    await locker.destroy();
    await done;
    return;
  }
  const url = new URL(scene.address);
  const name = url.pathname.slice(1);
  url.pathname = '/postgres';
  const admin = connect(url.toString());
  await admin.raw(`alter database ${name} with allow_connections false`);
  await admin.raw(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = ?',
    [name],
  );
  const done = meanwhile();
  await sleep(AWAY_MS);
  await admin.raw(`alter database ${name} with allow_connections true`);
  await admin.destroy();
  await done;
}
