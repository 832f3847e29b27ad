// What our gateway costs: the same load in the same run through a bare proxy,
// through our gateway and, where npm can be reached, through Portkey's. The gateway
// has one core for itself; the load and the fake provider share another. With the
// URL of a PostgreSQL server in AGENT_PORTAL_BENCH_PG it is measured on that too; the
// CPU of the server is not counted then.
// It takes some three minutes, of which each round of each scene takes its seconds.
// Start it with: node --require @backstage/cli/config/nodeTransform.cjs bench/gateway/run.ts [rounds] [seconds]
import {
  type Contestant,
  direct,
  POSTGRES_URL,
  startBare,
  startOurs,
  startPortkey,
} from './contestants';
import { startFakeProvider } from './fakeProvider';
import { type Figures, median, medianFigures, toFigures } from './figures';
import { load } from './load';
import { canPin, pinLoad } from './processes';

const rounds = Number(process.argv[2] ?? 5);
const seconds = Number(process.argv[3] ?? 1);
const WARM_UP_SECONDS = 0.5;

const SCENES = [
  { name: 'json c=1', concurrency: 1, stream: false },
  { name: 'json c=16', concurrency: 16, stream: false },
  { name: 'stream c=1', concurrency: 1, stream: true },
  { name: 'stream c=16', concurrency: 16, stream: true },
] as const;

type Scene = (typeof SCENES)[number];
type Measured = Map<string, Figures[]>;

async function main(): Promise<void> {
  pinLoad();
  print(
    canPin
      ? 'the gateway on core 0, the load and the provider on core 1'
      : 'without taskset or a second core nothing is pinned: figures are rough',
  );
  const provider = await startFakeProvider();
  const contestants: Contestant[] = [direct(provider.port)];
  try {
    contestants.push(
      await startBare(provider.port),
      await startOurs(provider.port),
      await startOurs(provider.port, 'by key'),
      await startOurs(provider.port, 'four only'),
      await startOurs(provider.port, 'no budgets'),
    );
    if (POSTGRES_URL) {
      contestants.push(await startOurs(provider.port, 'ours pg'));
    }
    const portkey = await startPortkey(provider.port);
    if ('missing' in portkey) {
      print(`portkey not measured: ${portkey.missing}`);
    } else {
      contestants.push(portkey);
    }
    const measured: Measured = new Map();
    for (const scene of SCENES) {
      print(
        `${scene.name}: ${contestants.length} in turns, ${Math.round(
          contestants.length * (WARM_UP_SECONDS + rounds * seconds),
        )} s`,
      );
      for (const contestant of contestants) {
        await measure(contestant, scene, WARM_UP_SECONDS);
      }
      for (let round = 0; round < rounds; round += 1) {
        // In turns, so that what else the machine does hits all alike.
        for (const contestant of contestants) {
          const figures = await measure(contestant, scene, seconds);
          const key = keyOf(contestant.name, scene.name);
          measured.set(key, [...(measured.get(key) ?? []), figures]);
        }
      }
    }
    print(
      'ours: four budgets apply, among 10,000 of others; by key: with one of 10,000 keys',
    );
    printTable(contestants, measured);
    print(summary(measured));
  } finally {
    await Promise.all(contestants.map(contestant => contestant.stop()));
    await provider.stop();
  }
}

async function measure(
  contestant: Contestant,
  scene: Scene,
  duration: number,
): Promise<Figures> {
  const before = contestant.process?.cpuSeconds();
  const result = await load(contestant.target, { ...scene, seconds: duration });
  if (result.failures > 0 || result.calls === 0) {
    throw new Error(
      `${contestant.name}, ${scene.name}: ${result.failures} of ${
        result.calls + result.failures
      } calls failed, the first with ${result.firstFailure}`,
    );
  }
  const after = contestant.process?.cpuSeconds();
  return toFigures(
    result,
    before === undefined || after === undefined ? undefined : after - before,
  );
}

function printTable(contestants: Contestant[], measured: Measured): void {
  const widths = [13, 12, 9, 9, 9, 9, 11, 13];
  const row = (cells: string[]) =>
    print(cells.map((cell, i) => cell.padStart(widths[i])).join(''));
  row([
    '',
    '',
    'calls/s',
    'p50 ms',
    'p95 ms',
    'p99 ms',
    'ttfb50 ms',
    'CPU us/call',
  ]);
  for (const scene of SCENES) {
    for (const { name } of contestants) {
      const figures = medianFigures(measured.get(keyOf(name, scene.name))!);
      row([
        scene.name,
        name,
        figures.callsPerSecond.toFixed(0),
        figures.p50.toFixed(3),
        figures.p95.toFixed(3),
        figures.p99.toFixed(3),
        figures.firstByteP50.toFixed(3),
        figures.cpuMicros?.toFixed(0) ?? '-',
      ]);
    }
  }
}

/** Ratios are taken within each round and their median is told. */
function summary(measured: Measured): string {
  const compared = (
    other: Contestant['name'],
    scene: Scene['name'],
    compare: (ours: Figures, theirs: Figures) => number,
  ) => {
    const ours = measured.get(keyOf('ours', scene))!;
    const theirs = measured.get(keyOf(other, scene));
    return theirs && median(ours.map((f, i) => compare(f, theirs[i])));
  };
  const faster = (ours: Figures, theirs: Figures) =>
    ours.callsPerSecond / theirs.callsPerSecond;
  const portkey = compared('portkey', 'json c=16', faster);
  const bare = compared('bare', 'json c=16', faster)!;
  const added = compared('direct', 'json c=1', (a, b) => a.p50 - b.p50)!;
  const ttfb = compared(
    'direct',
    'stream c=1',
    (a, b) => a.firstByteP50 - b.firstByteP50,
  )!;
  const versus = portkey ? `portkey x${portkey.toFixed(1)}` : 'portkey -';
  return `gateway: ${versus} bare x${bare.toFixed(2)} added-p50 ${added.toFixed(
    2,
  )}ms added-ttfb ${ttfb.toFixed(1)}ms`;
}

function keyOf(contestant: string, scene: string): string {
  return `${contestant} ${scene}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().then(
  () => process.exit(0),
  error => {
    process.stderr.write(`${error?.stack ?? error}\n`);
    process.exit(1);
  },
);
