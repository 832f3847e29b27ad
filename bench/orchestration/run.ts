// What runs cost that survive everything: five steps of an agent with identity, budget, audit, spans, journal and
// checkpoints, against bare LangGraph with its own checkpointer for SQLite, in turns; what 500 runs at once leave in
// memory; and how soon the runs of a killed process go on. Models and tools are the same, in this process.
import { ResponseError } from '@backstage/errors';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster, type Worker } from '../../tests/crash/Cluster';
import { CLERK } from '../../tests/crash/entities';
import { insideCalls } from '../../tests/crash/plays';
import type { BareRequest } from './bare';

const ROUNDS = 3;
const RUNS = Number(process.argv[2] ?? 120);
const CONCURRENCY = 16;
const AT_ONCE = 500;
const LOOK_EVERY_MS = 25;
/** Runs on PostgreSQL that are each held in another call when their process is killed. */
const KILLED = 22;

const folder = mkdtempSync(path.join(tmpdir(), 'agent-portal-bench-'));
const heapFile = path.join(folder, 'heap');
let started = 0;

async function main(): Promise<void> {
  const { ours, bare } = await measureThroughput();
  print(
    `five steps, ${CONCURRENCY} runs at a time: ${perSecond(
      ours,
    )} runs/s, bare LangGraph with SqliteSaver ${perSecond(bare)} runs/s`,
  );
  const heaps = await measureMemory();
  print(
    `memory after each round of ${AT_ONCE} runs at once: ${heaps
      .map(bytes => `${Math.round(bytes / 1e6)} MB`)
      .join(', ')}, x${(heaps.at(-1)! / heaps[0]).toFixed(2)}`,
  );
  const failOver = await measureFailOver();
  print(
    `orchestration: sqlitesaver x${(bare / ours).toFixed(2)} failover ${
      failOver === undefined
        ? 'not measured'
        : `${(failOver / 1_000).toFixed(1)} s`
    }`,
  );
}

/** Seconds for a run, the shorter the better. */
async function measureThroughput() {
  const cluster = await startCluster(CONCURRENCY);
  const bareProcess = fork(path.join(__dirname, 'bare.ts'), [
    cluster.gateways.url,
    path.join(folder, 'bare.sqlite'),
  ]);
  await once(bareProcess, 'message');
  const runBare = async (count: number) => {
    const request: BareRequest = { count, concurrency: CONCURRENCY };
    bareProcess.send(request);
    const [{ seconds }] = await once(bareProcess, 'message');
    return seconds as number;
  };
  const [worker] = cluster.workers;
  // Both are warm before they are measured.
  await runBare(CONCURRENCY * 2);
  await runOurs(worker, CONCURRENCY * 2);
  const seconds = { ours: 0, bare: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    seconds.bare += await runBare(RUNS);
    seconds.ours += await runOurs(worker, RUNS);
  }
  bareProcess.disconnect();
  await cluster.close();
  const runs = ROUNDS * RUNS;
  return { ours: seconds.ours / runs, bare: seconds.bare / runs };
}

/** Bytes on the heap after each round, when nothing is under way. */
async function measureMemory(): Promise<number[]> {
  const cluster = await startCluster(AT_ONCE);
  const [worker] = cluster.workers;
  const heaps: number[] = [];
  await runOurs(worker, AT_ONCE);
  for (let round = 0; round < ROUNDS; round += 1) {
    // Slow enough that all are under way at the same time.
    cluster.gateways.slowMs = 10_000;
    await runOurs(worker, AT_ONCE);
    cluster.gateways.slowMs = 0;
    heaps.push(await heapOf(worker));
  }
  await cluster.close();
  return heaps;
}

/** From the kill of one of two processes to the next step of the run that waited longest. */
async function measureFailOver(): Promise<number | undefined> {
  const postgres = process.env.BENCH_POSTGRES;
  if (!postgres) {
    return undefined;
  }
  const cluster = await Cluster.start({ folder, workers: 2, postgres });
  const { verdicts } = await insideCalls(cluster, KILLED);
  await cluster.close();
  const wrong = verdicts.flatMap(({ problems }) => problems);
  if (wrong.length) {
    throw new Error(`Runs of a killed process ended wrong: ${wrong[0]}`);
  }
  return Math.max(...verdicts.flatMap(({ failOverMs }) => failOverMs ?? []));
}

function startCluster(inFlight: number): Promise<Cluster> {
  rmSync(path.join(folder, 'database'), { recursive: true, force: true });
  return Cluster.start({
    folder,
    workers: 1,
    inFlight,
    variables: { CRASH_HEAP: heapFile, NODE_OPTIONS: '--expose-gc' },
  });
}

/** Starts runs and waits until all have ended; the seconds that it took. */
async function runOurs({ client }: Worker, count: number): Promise<number> {
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
  const open = { status: ['queued', 'running'], limit: 1 } as const;
  const query = { ...open, status: [...open.status] };
  while ((await client.listRuns(query)).items.length) {
    await sleep(LOOK_EVERY_MS);
  }
  const seconds = (performance.now() - began) / 1_000;
  const { items } = await client.listRuns({ limit: 100 });
  const failed = items.find(({ status }) => status !== 'succeeded');
  if (failed) {
    throw new Error(`A run ended wrong: ${JSON.stringify(failed.error)}`);
  }
  return seconds;
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

async function heapOf(worker: Worker): Promise<number> {
  rmSync(heapFile, { force: true });
  // What timers still hold goes first.
  await sleep(3_000);
  worker.process.signal('SIGUSR2');
  while (!existsSync(heapFile)) {
    await sleep(LOOK_EVERY_MS);
  }
  await sleep(LOOK_EVERY_MS);
  return Number(readFileSync(heapFile, 'utf8'));
}

function perSecond(seconds: number): string {
  return (1 / seconds).toFixed(1);
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
