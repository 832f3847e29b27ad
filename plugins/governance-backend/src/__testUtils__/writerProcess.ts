// A process that records about 2,000 entries a second and tells each one that was
// acknowledged, until it is killed. Its argument is the configuration of knex.
import createKnex from 'knex';
import { makeDurable } from '../store/database';
import { openLog, record } from './log';

const TICK_MS = 5;
const PER_TICK = 10;

async function main() {
  const knex = createKnex(JSON.parse(process.argv[2]));
  await makeDurable(knex);
  const { audit } = await openLog(knex, { headEvery: 500 });
  setInterval(() => {
    for (let i = 0; i < PER_TICK; i += 1) {
      audit.record([record()], 'plugin:test').then(
        ([{ id, seq }]) => process.stdout.write(`${seq} ${id}\n`),
        error => process.stderr.write(`${error}\n`),
      );
    }
  }, TICK_MS);
}

main();
