import type { EndedRun } from '../../plugins/evals-backend/src/alarms/watchedRun';

const HOUR_MS = 3_600_000;
/** A Monday at midnight, UTC. */
export const MONDAY = Date.UTC(2026, 8, 7);

/** Park and Miller's generator: the same numbers in each run. */
function seeded(seed: number): () => number {
  let state = (seed * 7_919) % 2_147_483_647 || 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** What goes wrong with an agent, from a time on. */
export type Fault =
  | 'refusals ×4'
  | 'failures ×4'
  | 'latency ×2'
  | 'cost ×2'
  | 'tokens ×2'
  | 'tools in another order, in 3 of 10 runs'
  | 'answers about something else, in half of the runs'
  | 'calls of sensitive tools ×10, from 0 to 5 at night';

/** About what an agent talks. */
const TOPICS = [
  'order status parcel delivery tracking customer address carrier shipped warehouse arrives package invoice number today expected',
  'return refund amount item reason approved label days money damaged exchange credit policy received condition customer',
  'invoice payment due paid reference bank supplier overdue balance ledger credit account booking reminder currency tax',
  'vacation leave policy days manager request parental sick holiday contract balance approval team handbook country',
  'stock item shelf available warehouse reorder supplier units color size location incoming reserved quantity model',
  'revenue quarter growth country margin month region compared forecast segment channel average total churn report',
].map(words => words.split(' '));
const COMMON =
  'the is of and to a for in on it you your we have with this that not can will please here are was be'.split(
    ' ',
  );
/** What answers are about when somebody has made an agent talk of something else. */
const STRANGE =
  'bitcoin wallet token password verify click winner prize election candidate lottery guaranteed investment crypto urgent confirm transfer celebrity'.split(
    ' ',
  );

/** An agent of the company as it usually is. */
export interface Habits {
  agentRef: string;
  /** Runs in each hour of the week, on average. */
  runsAt: (hourOfWeek: number) => number;
  tools: { read: string[]; write: string };
  /** Shares of runs. */
  fails: number;
  refused: number;
  writes: number;
  topic: string[];
  latencyMs: number;
  tokens: number;
}

/**
 * An agent with habits of its own: some are asked by day only, some have a job each night.
 *
 * @param times - as busy as others
 */
export function agentOf(seed: number, times = 1): Habits {
  const random = seeded(seed);
  const busy = (1 + random() * 9) * times;
  const quiet = busy * (0.05 + random() * 0.2);
  const hasNightJob = seed % 4 === 0;
  const name = `agent-${seed}`;
  return {
    agentRef: `agent:default/${name}`,
    runsAt: hour => {
      const [day, at] = [Math.floor(hour / 24), hour % 24];
      const byDay = day < 5 && at >= 8 && at < 18 ? busy : quiet;
      return hasNightJob && at === 2 ? byDay + busy * 2 : byDay;
    },
    tools: {
      read: ['find', 'get', 'list', 'search', 'explain'].map(
        tool => `tool:default/${name}.${tool}`,
      ),
      write: `tool:default/${name}.write`,
    },
    fails: 0.01 + random() * 0.04,
    refused: random() * 0.03,
    writes: 0.1 + random() * 0.2,
    topic: TOPICS[seed % TOPICS.length],
    latencyMs: 2_000 + random() * 8_000,
    tokens: 1_000 + random() * 9_000,
  };
}

/** Runs of an agent in the order in which they ended, with a fault from a time on. */
export function* trafficOf(
  habits: Habits,
  seed: number,
  of: { weeks: number; fault?: Fault; faultAt?: number },
): Generator<EndedRun> {
  const random = seeded(seed * 31 + 17);
  const normal = () =>
    Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  const poisson = (mean: number) => {
    let [count, product] = [0, random()];
    for (const least = Math.exp(-mean); product > least; count += 1) {
      product *= random();
    }
    return count;
  };
  const isNight = (at: number) => new Date(at).getUTCHours() < 5;
  for (let hour = 0; hour < of.weeks * 168; hour += 1) {
    const begins = MONDAY + hour * HOUR_MS;
    const isFaulty =
      of.fault !== undefined && begins >= (of.faultAt ?? Infinity);
    const has = (fault: Fault) => isFaulty && of.fault === fault;
    const surge =
      has('calls of sensitive tools ×10, from 0 to 5 at night') &&
      isNight(begins);
    // People come and go: an hour is not as any other.
    const mean =
      habits.runsAt(hour % 168) *
      Math.exp(normal() * 0.3 - 0.045) *
      (surge ? 10 : 1);
    const times = Array.from({ length: poisson(mean) }, () => random());
    for (const [index, place] of times.sort((a, b) => a - b).entries()) {
      const fails = random() < habits.fails * (has('failures ×4') ? 4 : 1);
      const reads = 1 + Math.floor(random() * 3);
      const path = Array.from(
        { length: reads },
        // Some tools are used by many runs, some by few, one by hardly any.
        () => habits.tools.read[Math.floor(random() ** 3 * 5)],
      );
      if (random() < habits.writes) {
        path.push(habits.tools.write);
      }
      if (has('tools in another order, in 3 of 10 runs') && random() < 0.3) {
        path.unshift(habits.tools.write, habits.tools.write);
      }
      const isStrange =
        has('answers about something else, in half of the runs') &&
        random() < 0.5;
      const words = Array.from({ length: 25 }, () => {
        const from = random() < 0.5 ? COMMON : habits.topic;
        const said = random() < 0.1 && isStrange ? from : STRANGE;
        const list = isStrange ? said : from;
        // Now and then somebody is called by a name that nobody else has.
        return random() < 0.02
          ? `name${String.fromCharCode(
              ...Array.from(
                { length: 5 },
                () => 97 + Math.floor(random() * 26),
              ),
            )}`
          : list[Math.floor(random() ** 1.5 * list.length)];
      });
      yield {
        id: `${habits.agentRef} ${hour}.${index}`,
        status: fails ? 'failed' : 'succeeded',
        finishedAt: new Date(begins + place * HOUR_MS).toISOString(),
        ...(random() < habits.refused * (has('refusals ×4') ? 4 : 1) && {
          refusedCalls: 1,
        }),
        durationMs:
          habits.latencyMs *
          Math.exp(normal() * 0.5) *
          (has('latency ×2') ? 2 : 1),
        usage: {
          inputTokens: Math.round(
            habits.tokens *
              Math.exp(normal() * 0.4) *
              (has('tokens ×2') ? 2 : 1),
          ),
          outputTokens: 100,
          costNanoUsd: Math.round(
            habits.tokens *
              200 *
              Math.exp(normal() * 0.4) *
              (has('cost ×2') ? 2 : 1),
          ),
        },
        toolsCalled: path,
        output: { message: words.join(' ') },
      };
    }
  }
}
