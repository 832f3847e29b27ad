import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, IN_CALLS, type Worker } from './Cluster';
import { Flight, type Planned } from './Flight';
import { FAULTS } from './gateways';
import { judge, type Verdict } from './judge';
import { CALLS, questionOf, WRITE_POINTS } from './points';

/** How one kills in the middle of many runs. */
export type Play = (cluster: Cluster, runs: number) => Promise<PlayResult>;

export interface PlayResult {
  verdicts: Verdict[];
  hung: number;
}

/** With every run inside one of its calls: none of them gets an answer before the kill. */
export const insideCalls: Play = async (cluster, count) => {
  const flight = await holdAtCalls(cluster, count, 'inside');
  await flight.kill(cluster.victims);
  cluster.gateways.release();
  return land(cluster, flight);
};

/** Just after the answers were sent, while the workers write down what they got. */
export const afterAnswers: Play = async (cluster, count) => {
  const flight = await holdAtCalls(cluster, count, 'after');
  cluster.gateways.release();
  await sleep(30 + Math.random() * 400);
  await flight.kill(cluster.victims);
  return land(cluster, flight);
};

/** Exactly at each thing that a worker writes; the first play of a cluster. */
export const aroundWrites: Play = async cluster => {
  const { gateways, workers } = cluster;
  const victims = cluster.victims;
  const flight = await Flight.start(
    cluster,
    WRITE_POINTS.map((point, i) => ({
      question: questionOf(`write-${i}`, point),
      point: `${point.when} ${point.write}`,
      worker: workers.indexOf(victims[i % victims.length]),
    })),
    ({ question }) => gateways.frozen.has(question),
  );
  await flight.kill(victims);
  return land(cluster, flight);
};

/** In the middle of many runs, wherever they are, and again when some are done; some models are at fault. */
export const middleOfAll: Play = async (cluster, count) => {
  const { gateways, workers } = cluster;
  // So slow that what is tested is not how much a process can do.
  gateways.slowMs = 3_000;
  gateways.pauseMs = 20;
  const victims = cluster.victims;
  const planned = Array.from({ length: count }, (_, i) => {
    const order = `all-${i}`;
    const fault = i % 10 === 9 ? FAULTS[Math.floor(i / 10) % 3] : undefined;
    if (fault) {
      gateways.faults.set(order, fault);
    }
    return {
      question: questionOf(order),
      point: fault ? `anywhere, then ${fault}` : 'anywhere',
      worker: i % workers.length,
    };
  });
  const before = gateways.modelCalls;
  const flight = await Flight.start(cluster, planned);
  const until = async (share: number) =>
    flight.until(() => gateways.modelCalls - before > count * 6 * share);
  await until(0.35);
  await flight.kill(victims);
  if (victims.length < workers.length) {
    await Promise.all(victims.map(worker => cluster.revive(worker)));
    return land(cluster, flight);
  }
  await cluster.revive(workers[0]);
  await until(0.7);
  await flight.kill(victims);
  return land(cluster, flight);
};

/** Starts runs and waits until each waits for the answer to its call; every worker has each call. */
async function holdAtCalls(
  cluster: Cluster,
  count: number,
  name: string,
): Promise<Flight> {
  const { gateways, workers } = cluster;
  const length = Math.min(count, workers.length * IN_CALLS);
  const planned: Planned[] = Array.from({ length }, (_, i) => {
    const order = `${name}-${i}`;
    const point = CALLS[i % CALLS.length];
    gateways.holdAt.set(order, point);
    return {
      question: questionOf(order),
      point,
      worker: Math.floor(i / CALLS.length) % workers.length,
    };
  });
  return Flight.start(cluster, planned, ({ order }) =>
    gateways.held.has(order),
  );
}

/** Brings back who was killed, unless others do the work, and waits for the ends. */
async function land(cluster: Cluster, flight: Flight): Promise<PlayResult> {
  const dead = () => cluster.workers.filter(w => !cluster.alive.includes(w));
  const revive = (workers: Worker[]) =>
    Promise.all(workers.map(worker => cluster.revive(worker)));
  if (!cluster.alive.length) {
    await revive(dead());
  }
  const hung = await flight.land();
  await revive(dead());
  cluster.gateways.slowMs = 0;
  cluster.gateways.pauseMs = 0;
  const verdicts: Verdict[] = [];
  const queue = flight.runs.filter(run => !hung.includes(run));
  const next = async () => {
    for (let run = queue.shift(); run; run = queue.shift()) {
      const verdict = await judge(run, cluster);
      if (flight.fell.has(run.id)) {
        verdict.problems.push('Its usage fell.');
      }
      verdicts.push(verdict);
    }
  };
  await Promise.all(Array.from({ length: 8 }, next));
  verdicts.push(
    ...hung.map(run => ({ run, problems: ['It hangs.'], twice: false })),
  );
  return { verdicts, hung: hung.length };
}
