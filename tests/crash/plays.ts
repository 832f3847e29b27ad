import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, Worker } from './Cluster';
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

/** Half of the workers, or the only one. */
const half = ({ workers }: Cluster) =>
  workers.slice(0, Math.ceil(workers.length / 2));

/** With every run inside one of its calls: none of them gets an answer before the kill. */
export const insideCalls: Play = async (cluster, count) => {
  const flight = await holdAtCalls(cluster, count, 'inside');
  await flight.kill(half(cluster));
  cluster.gateways.release();
  return land(cluster, flight);
};

/** Just after the answers were sent, while the workers write down what they got. */
export const afterAnswers: Play = async (cluster, count) => {
  const flight = await holdAtCalls(cluster, count, 'after');
  cluster.gateways.release();
  await sleep(30 + Math.random() * 400);
  await flight.kill(half(cluster));
  return land(cluster, flight);
};

/** Exactly before and after each thing that a worker writes. */
export const aroundWrites: Play = async cluster => {
  const { gateways, workers } = cluster;
  const victims = half(cluster);
  const flight = await Flight.start(
    cluster,
    WRITE_POINTS.map((point, i) => ({
      question: questionOf(`write-${i}`, point),
      point: `${point.when} ${point.write}`,
      worker: workers.indexOf(victims[i % victims.length]),
    })),
  );
  await flight.until(({ question }) => gateways.frozen.has(question));
  await flight.kill(victims);
  return land(cluster, flight);
};

/** In the middle of many runs, wherever they are, and again when some are done; some models are at fault. */
export const middleOfAll: Play = async (cluster, count) => {
  const { gateways, workers } = cluster;
  gateways.slowMs = 300;
  gateways.pauseMs = 20;
  const victims = half(cluster);
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
  const flying = Flight.start(cluster, planned);
  const flight = await flying;
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
  const planned: Planned[] = Array.from({ length: count }, (_, i) => {
    const order = `${name}-${i}`;
    const point = CALLS[i % CALLS.length];
    gateways.holdAt.set(order, point);
    return {
      question: questionOf(order),
      point,
      worker: Math.floor(i / CALLS.length) % workers.length,
    };
  });
  const flight = await Flight.start(cluster, planned);
  await flight.until(({ order }) => gateways.held.has(order));
  return flight;
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
  const [{ client }] = cluster.workers;
  const verdicts: Verdict[] = [];
  const queue = flight.runs.filter(run => !hung.includes(run));
  const next = async () => {
    for (let run = queue.shift(); run; run = queue.shift()) {
      const verdict = await judge(run, client, cluster.gateways);
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
