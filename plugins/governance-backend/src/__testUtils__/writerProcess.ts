// A process that is offered so many entries a second, however slow it is, and tells each one that was
// acknowledged, until it is killed. Its arguments are the configuration of knex and the rate.
import createKnex from 'knex';
import { makeDurable } from '../store/database';
import { openLog, record } from './log';

const TICK_MS = 5;

async function main() {
  const [config, perSecond] = process.argv.slice(2);
  const knex = createKnex(JSON.parse(config));
  await makeDurable(knex);
  const { audit } = await openLog(knex, { headEvery: 500 });
  const begun = performance.now();
  let offered = 0;
  setInterval(() => {
    const seconds = (performance.now() - begun) / 1_000;
    for (; offered < seconds * Number(perSecond); offered += 1) {
      audit.record([record()], 'plugin:test').then(
        ([{ id, seq }]) => process.stdout.write(`${seq} ${id}\n`),
        error => process.stderr.write(`${error}\n`),
      );
    }
    process.stdout.write(
      `offered ${offered} in ${Math.round(seconds * 1_000)} ms\n`,
    );
  }, TICK_MS);
}

main();
