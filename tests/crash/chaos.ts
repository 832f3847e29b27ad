// Whether runs come to a right end whatever goes wrong around them: `npm run test:chaos`. One model call in twenty
// fails, the MCP server dies and returns, the database restarts, and half of the workers die for good.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../money/connect';
import { Cluster } from './Cluster';
import { Flight, type Flown } from './Flight';
import { FAULTS } from './gateways';
import { judge } from './judge';
import { type Call, questionOf } from './points';

const RUNS = Number(process.env.CHAOS_RUNS ?? 2_000);
const WORKERS = 4;
/** Model calls of a run in which nothing goes wrong. */
const CALLS = 6;
const MODEL_CALLS: Call[] = ['model 1', 'model 2', 'model 3', 'model 4'];
const FAULT_SHARE = 0.05;
const TOOLS_AWAY_MS = 8_000;
const RIGHT_SHARE = 0.999;
const TOLD = 10;

async function main(): Promise<boolean> {
  const postgres = process.env.CHAOS_POSTGRES!;
  const folder = mkdtempSync(path.join(tmpdir(), 'agent-portal-chaos-'));
  const cluster = await Cluster.start({ folder, workers: WORKERS, postgres });
  try {
    return await play(cluster, postgres);
  } finally {
    await cluster.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function play(cluster: Cluster, postgres: string): Promise<boolean> {
  const { gateways } = cluster;
  gateways.slowMs = 1_000;
  cluster.mayBeLost = true;
  const began = Date.now();
  const planned = Array.from({ length: RUNS }, (_, i) => ({
    question: questionOf(`chaos-${i}`),
    point: 'anywhere',
    worker: i % WORKERS,
  }));
  for (const { question } of planned) {
    const at = MODEL_CALLS.find(() => Math.random() < FAULT_SHARE);
    if (at) {
      const order = question.replace('Order ', '');
      gateways.faults.set(order, FAULTS[gateways.faults.size % FAULTS.length]);
      gateways.faultAt.set(order, at);
    }
  }
  const flight = await Flight.start(
    cluster,
    planned,
    () => true,
    async under => {
      const until = async (share: number, what: string) => {
        while (gateways.modelCalls < RUNS * CALLS * share) {
          await sleep(50);
        }
        print(`after ${gateways.modelCalls} model calls: ${what}`);
        under.disturb();
      };
      await until(0.2, 'the MCP server dies');
      gateways.killTools();
      await sleep(TOOLS_AWAY_MS);
      await gateways.reviveTools();
      under.disturb();
      await until(0.4, 'the database restarts');
      await restartDatabase(postgres);
      await until(0.6, 'two workers die');
      await under.kill(cluster.victims);
    },
  );
  const hung = await flight.land();
  const wrong: string[] = [];
  const queue = flight.runs.filter(run => !hung.includes(run));
  const next = async () => {
    for (let run = queue.shift(); run; run = queue.shift()) {
      wrong.push(...(await tell(run, cluster)));
    }
  };
  await Promise.all(Array.from({ length: 8 }, next));
  wrong.slice(0, TOLD).forEach(print);
  const right = RUNS - hung.length - wrong.length;
  const seconds = Math.round((Date.now() - began) / 1_000);
  print(
    `chaos: ${right} of ${RUNS} runs ended right (${(
      (100 * right) /
      RUNS
    ).toFixed(2)} %), ${hung.length} hang, ${
      gateways.faults.size
    } had a model at fault, ${seconds} s`,
  );
  return right >= RIGHT_SHARE * RUNS && !hung.length;
}

/** One sentence when it did not end right. */
async function tell(run: Flown, cluster: Cluster): Promise<string[]> {
  const { problems } = await judge(run, cluster);
  return problems.length ? [`  ${run.order}: ${problems.join(' ')}`] : [];
}

/** As after a crash of one of its processes: it cuts all connections, recovers and takes new ones. */
async function restartDatabase(postgres: string): Promise<void> {
  const admin = connect(postgres);
  const { rows } = await admin.raw('select pg_backend_pid() as pid');
  process.kill(rows[0].pid, 'SIGKILL');
  await admin.destroy();
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().then(
  isRight => process.exit(isRight ? 0 : 1),
  error => {
    process.stderr.write(`${error?.stack ?? error}\n`);
    process.exit(1);
  },
);
