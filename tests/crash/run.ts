// Whether runs survive their process: real workers that are killed with kill -9: `npm run test:crash`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Cluster } from './Cluster';
import type { Verdict } from './judge';
import {
  afterAnswers,
  aroundWrites,
  insideCalls,
  middleOfAll,
  type Play,
} from './plays';
import { CALLS } from './points';

const SHORT = Boolean(process.env.CRASH_SHORT);
/** In flight at once; a quarter of it on SQLite, where one process does everything. */
const RUNS = Number(process.env.CRASH_RUNS ?? 200);
/** From the kill to the first step of another worker. */
const FAIL_OVER_MS = 10_000;
/** How many of the sentences about what went wrong are told. */
const TOLD = 5;

const PLAYS: Array<[string, Play]> = SHORT
  ? [['inside', insideCalls]]
  : [
      ['write', aroundWrites],
      ['inside', insideCalls],
      ['answered', afterAnswers],
      ['middle', middleOfAll],
    ];

const COLUMNS = [12, 7, 40, 5, 5, 5, 4, 14] as const;

async function main(): Promise<number> {
  const postgres = process.env.CRASH_POSTGRES;
  const settings = [
    { database: 'SQLite', workers: 1 },
    { database: 'PostgreSQL', workers: 2, postgres },
    ...(SHORT ? [] : [{ database: 'PostgreSQL', workers: 4, postgres }]),
  ].filter(({ database, workers }) =>
    `${database} ${workers}`.startsWith(process.env.CRASH_ONLY ?? ''),
  );
  const firstSteps: number[] = [];
  let passed = 0;
  let failed = 0;
  printRow([
    'database',
    'workers',
    'killed',
    'runs',
    'right',
    'twice',
    'hung',
    'fail-over s',
  ]);
  for (const { database, workers, postgres: server } of settings) {
    const folder = mkdtempSync(path.join(tmpdir(), 'agent-portal-crash-'));
    const cluster = await Cluster.start({ folder, workers, postgres: server });
    try {
      const { CRASH_PLAYS = '' } = process.env;
      const plays = PLAYS.filter(([title]) => title.includes(CRASH_PLAYS));
      for (const [title, play] of plays) {
        const runs = SHORT ? CALLS.length * workers : RUNS / (server ? 1 : 4);
        const { verdicts } = await play(cluster, runs).catch(error => {
          process.stdout.write(`${error?.stack ?? error}\n`);
          failed += 1;
          return { verdicts: [] };
        });
        if (!verdicts.length) {
          break;
        }
        // Where all workers are full, runs of their own wait before those of the dead.
        if (play !== middleOfAll) {
          firstSteps.push(Math.min(...sum(verdicts).failOvers));
        }
        for (const [point, own] of byPoint(verdicts)) {
          const row = sum(own);
          const isRight = row.right === own.length;
          passed += isRight ? 1 : 0;
          failed += isRight ? 0 : 1;
          printRow([
            database,
            workers,
            `${title}: ${point}`,
            own.length,
            row.right,
            row.twice,
            row.hung,
            spread(row.failOvers),
          ]);
          tell(own);
        }
      }
    } finally {
      await cluster.close();
      rmSync(folder, { recursive: true, force: true });
    }
  }
  const inTime = firstSteps.every(ms => ms <= FAIL_OVER_MS);
  passed += inTime ? 1 : 0;
  failed += inTime ? 0 : 1;
  process.stdout.write(
    `From a kill to the first new step: ${spread(firstSteps)} s.\n`,
  );
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed;
}

function byPoint(verdicts: Verdict[]): Map<string, Verdict[]> {
  const points = new Map<string, Verdict[]>();
  const order = (point: string) => CALLS.indexOf(point as never);
  const sorted = verdicts.toSorted(
    (a, b) => order(a.run.point) - order(b.run.point),
  );
  for (const verdict of sorted) {
    const { point } = verdict.run;
    points.set(point, [...(points.get(point) ?? []), verdict]);
  }
  return points;
}

function sum(verdicts: Verdict[]) {
  return {
    right: verdicts.filter(({ problems }) => !problems.length).length,
    twice: verdicts.filter(({ twice }) => twice).length,
    hung: verdicts.filter(({ problems }) => problems.includes('It hangs.'))
      .length,
    failOvers: verdicts.flatMap(({ failOverMs }) => failOverMs ?? []),
  };
}

/** The shortest and the longest, in seconds. */
function spread(ms: number[]): string {
  const seconds = (value: number) => (value / 1_000).toFixed(1);
  return ms.length
    ? `${seconds(Math.min(...ms))}–${seconds(Math.max(...ms))}`
    : '';
}

function tell(verdicts: Verdict[]): void {
  const sentences = verdicts.flatMap(({ problems, run }) =>
    problems.map(problem => `  ${run.order} (${run.question}): ${problem}\n`),
  );
  process.stdout.write(sentences.slice(0, TOLD).join(''));
}

function printRow(cells: Array<string | number>): void {
  const line = cells.map((cell, i) =>
    typeof cell === 'number'
      ? String(cell).padStart(COLUMNS[i])
      : cell.padEnd(COLUMNS[i]),
  );
  process.stdout.write(`${line.join('  ').trimEnd()}\n`);
}

main().then(
  failed => process.exit(failed === 0 ? 0 : 1),
  error => {
    process.stderr.write(`${error?.stack ?? error}\n`);
    process.exit(1);
  },
);
