// What runs cost that survive everything: five steps of an agent with identity, budget, audit, spans, journal and
// checkpoints, against bare LangGraph with its own checkpointer for SQLite, in turns; what 500 runs at once leave in
// memory; and how soon the runs of a killed process go on. Models and tools are the same, in this process.
import type { RunStatus } from '@agentportal/plugin-orchestration-common';
import { ResponseError } from '@backstage/errors';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster, type Worker } from '../../tests/crash/Cluster';
import { CLERK } from '../../tests/crash/entities';
import { insideCalls } from '../../tests/crash/plays';
import type { WorkerState } from '../../tests/crash/workerProcess';
import type { BareRequest } from './bare';

const ROUNDS = 3;
const MEMORY_ROUNDS = 2;
const CONCURRENCY = 16;
const AT_ONCE = 500;
/** So slow is a call that all runs are under way at the same time. */
const SLOW_MS = 5_000;
const LOOK_EVERY_MS = 25;
/** How often a worker is asked whether runs have ended that have made too few calls for it. */
const ASK_EVERY_MS = 5_000;
/** Model calls of five steps. */
const MODEL_CALLS = 3;
/** Runs on PostgreSQL that are each held in another call when their process is killed. */
const KILLED = 22;

/** `npm run bench:orchestration -- throughput 300`: all parts and 100 runs unless told. */
const WORDS = process.argv.slice(2);
const RUNS = Number(WORDS.find(word => /^\d+$/.test(word)) ?? 100);
const PARTS = ['throughput', 'memory', 'failover'];
const asked = WORDS.filter(word => PARTS.includes(word));

const folder = mkdtempSync(path.join(tmpdir(), 'agent-portal-bench-'));
const stateFile = path.join(folder, 'state');
let started = 0;

/** What a number of runs took. */
interface Taken {
  seconds: number;
  cpuSeconds: number;
}

async function main(): Promise<void> {
  const does = (part: string) => !asked.length || asked.includes(part);
  const results: string[] = [];
  if (does('throughput')) {
    results.push(`sqlitesaver x${await measureThroughput()}`);
  }
  if (does('memory')) {
    await measureMemory();
  }
  if (does('failover')) {
    results.push(`failover ${await measureFailOver()}`);
  }
  print(`orchestration: ${results.join(' ')}`);
}

/** How many times as many runs as bare LangGraph it does in the same time. */
async function measureThroughput(): Promise<string> {
  const cluster = await startCluster(CONCURRENCY);
  const bareProcess = fork(path.join(__dirname, 'bare.ts'), [
    cluster.gateways.url,
    path.join(folder, 'bare.sqlite'),
  ]);
  const gone = once(bareProcess, 'exit').then(() => {
    throw new Error('The process with bare LangGraph has ended.');
  });
  const said = async () =>
    (await Promise.race([once(bareProcess, 'message'), gone]))[0];
  await said();
  const runBare = async (count: number): Promise<Taken> => {
    const request: BareRequest = { count, concurrency: CONCURRENCY };
    bareProcess.send(request);
    return said();
  };
  // Both are warm before they are measured.
  await runBare(RUNS);
  await runOurs(cluster, RUNS);
  const rounds: Array<{ ours: Taken; bare: Taken }> = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const bare = await runBare(RUNS);
    const ours = await runOurs(cluster, RUNS);
    rounds.push({ ours, bare });
    print(
      `round ${round}: ${perSecond(ours)} runs/s and ${cpuOf(
        ours,
      )} of CPU each, bare LangGraph with SqliteSaver ${perSecond(
        bare,
      )} runs/s and ${cpuOf(bare)}`,
    );
  }
  gone.catch(() => {});
  bareProcess.disconnect();
  await cluster.close();
  const sum = (of: (round: { ours: Taken; bare: Taken }) => number) =>
    rounds.reduce((all, round) => all + of(round), 0);
  const ratioOf = (what: keyof Taken) =>
    (sum(({ bare }) => bare[what]) / sum(({ ours }) => ours[what])).toFixed(2);
  print(
    `five steps, ${CONCURRENCY} runs at a time: x${ratioOf(
      'seconds',
    )} of its runs, x${ratioOf('cpuSeconds')} by CPU`,
  );
  return ratioOf('seconds');
}

/** What many runs at once leave on the heap when nothing is under way any more. */
async function measureMemory(): Promise<void> {
  const cluster = await startCluster(AT_ONCE, {
    NODE_OPTIONS: '--expose-gc',
  });
  const [worker] = cluster.workers;
  const heaps: number[] = [];
  // In the first round what is kept for good comes into being.
  for (let round = 0; round <= MEMORY_ROUNDS; round += 1) {
    cluster.gateways.slowMs = SLOW_MS;
    cluster.gateways.mostUnderWay = 0;
    const { seconds } = await runOurs(cluster, AT_ONCE);
    // What timers still hold goes first.
    await sleep(3_000);
    const { heap, rss } = await stateOf(worker);
    heaps.push(heap);
    print(
      `memory, ${AT_ONCE} runs in ${seconds.toFixed(0)} s, up to ${
        cluster.gateways.mostUnderWay
      } calls under way: ${megabytes(heap)} of heap left, ${megabytes(
        rss,
      )} of the machine`,
    );
  }
  await cluster.close();
  print(
    `memory after the last round: x${(heaps[MEMORY_ROUNDS] / heaps[1]).toFixed(
      2,
    )} of the second`,
  );
}

/** From the kill of one of two processes to the next step of the run that waited longest. */
async function measureFailOver(): Promise<string> {
  const postgres = process.env.BENCH_POSTGRES;
  if (!postgres) {
    return 'not measured';
  }
  const cluster = await Cluster.start({ folder, workers: 2, postgres });
  const { verdicts } = await insideCalls(cluster, KILLED);
  await cluster.close();
  const wrong = verdicts.flatMap(({ problems }) => problems);
  if (wrong.length) {
    throw new Error(`Runs of a killed process ended wrong: ${wrong[0]}`);
  }
  const longest = Math.max(
    ...verdicts.flatMap(({ failOverMs }) => failOverMs ?? []),
  );
  return `${(longest / 1_000).toFixed(1)} s`;
}

function startCluster(
  inFlight: number,
  variables: Record<string, string> = {},
): Promise<Cluster> {
  rmSync(path.join(folder, 'database'), { recursive: true, force: true });
  return Cluster.start({
    folder,
    workers: 1,
    inFlight,
    variables: { CRASH_STATE: stateFile, ...variables },
  });
}

/** Starts runs and waits until all have ended. */
async function runOurs(
  { gateways, workers: [worker] }: Cluster,
  count: number,
): Promise<Taken> {
  const { client } = worker;
  const { cpuMs } = await stateOf(worker);
  const enough = gateways.modelCalls + MODEL_CALLS * count;
  let left = count;
  const began = performance.now();
  const start = async () => {
    while (left > 0) {
      left -= 1;
      started += 1;
      const message = `Order ours-${started}`;
      await patiently(() =>
        client.createRun({ agentRef: CLERK, input: { message } }),
      );
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, start));
  const isAny = async (...status: RunStatus[]) =>
    (await client.listRuns({ status, limit: 1 })).items.length > 0;
  do {
    let waited = 0;
    do {
      // The worker has better things to do than to answer.
      await sleep(LOOK_EVERY_MS);
      waited += LOOK_EVERY_MS;
    } while (gateways.modelCalls < enough && waited < ASK_EVERY_MS);
  } while (await isAny('queued', 'running'));
  const seconds = (performance.now() - began) / 1_000;
  if (await isAny('failed', 'cancelled', 'interrupted')) {
    throw new Error('A run ended wrong.');
  }
  const after = await stateOf(worker);
  return { seconds, cpuSeconds: (after.cpuMs - cpuMs) / 1_000 };
}

/** Whoever is told that the portal is busy tries again. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ResponseError && error.statusCode === 503)) {
        throw error;
      }
      await sleep(1_000);
    }
  }
}

/** What the process has used and holds, after a collection of garbage where it was started for one. */
async function stateOf(worker: Worker): Promise<WorkerState> {
  rmSync(stateFile, { force: true });
  worker.process.signal('SIGUSR2');
  for (;;) {
    await sleep(10);
    try {
      return JSON.parse(readFileSync(stateFile, 'utf8'));
    } catch {
      // Not written yet, or not whole.
    }
  }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

function cpuOf({ cpuSeconds }: Taken): string {
  return `${Math.round((cpuSeconds * 1_000) / RUNS)} ms`;
}

function perSecond({ seconds }: Taken): string {
  return (RUNS / seconds).toFixed(1);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

main()
  .then(
    () => 0,
    error => {
      process.stderr.write(`${error?.stack ?? error}\n`);
      return 1;
    },
  )
  .then(code => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(code);
  });
