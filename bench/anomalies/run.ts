// `npm run evals:anomalies`: what the detectors of alarms find of faults that are put into traffic, how soon, and how
// often they cry without any. They are the product's own; the traffic is made from a seed, with days and nights,
// weekends, jobs at night and figures with long tails. Some minutes; AGENTS says of how many agents (40).
import {
  countInterval,
  wilsonInterval,
} from '@agentportal/plugin-evals-common';
import {
  kindsOf,
  observe,
  type Series,
  watchAgain,
} from '../../plugins/evals-backend/src/alarms/series';
import { agentOf, type Fault, type Habits, MONDAY, trafficOf } from './traffic';

const AGENTS = Number(process.env.AGENTS ?? 40);
const WEEK_MS = 7 * 86_400_000;
/** By then an hour of the week has a baseline of its own. */
const FAULT_WEEK = 5;
const QUIET_WEEKS = 14;
const FALSE_ALARM_DAYS = 30;
/** Agents so many times as busy call a sensitive tool now and then in each hour of the night. */
const BUSY = 20;
/** What is not seen by then is not found. */
const FOUND_WITHIN_MS = 2 * WEEK_MS;

const KINDS = kindsOf({ hasContent: true });

/** What goes wrong, what is to see it, and of agents that are how busy. */
const FAULTS: Array<[Fault, (typeof KINDS)[number], busy?: number]> = [
  ['calls of sensitive tools ×10, from 0 to 5 at night', 'calls'],
  ['calls of sensitive tools ×10, from 0 to 5 at night', 'calls', BUSY],
  ['failures ×4', 'failures'],
  ['refusals ×4', 'refusals'],
  ['cost ×2', 'cost'],
  ['tokens ×2', 'tokens'],
  ['tools in another order, in 3 of 10 runs', 'paths'],
  ['answers about something else, in half of the runs', 'topics'],
  ['latency ×2', 'latency'],
];

/** All alarms of an agent, as if each were answered at once as one that was real. */
function* alarmsOf(
  habits: Habits,
  seed: number,
  of: { weeks: number; fault?: Fault; faultAt?: number },
  kinds = KINDS,
) {
  const terms = {
    falseAlarmDays: FALSE_ALARM_DAYS,
    hasContent: true,
    tools: {
      isSensitive: (ref: string) => ref === habits.tools.write,
      isGrave: (ref: string) => ref === habits.tools.write,
    },
  };
  const known = new Map<string, Series>();
  for (const run of trafficOf(habits, seed, of)) {
    const at = Date.parse(run.finishedAt);
    for (const kind of kinds) {
      const { series, rise } = observe(known.get(kind), kind, run, terms);
      known.set(kind, rise ? watchAgain(kind, series, at) : series);
      if (rise) {
        yield { kind, at };
      }
    }
  }
}

function range(low: number, high: number, digits: number, unit = ''): string {
  return `${low.toFixed(digits)} to ${high.toFixed(digits)}${unit}`;
}

const agentsOf = (busy = 1) =>
  Array.from({ length: AGENTS }, (_, i) => agentOf(i + 1, busy));
const agents = agentsOf();

function falseAlarmsOf(among: Habits[], kinds = KINDS): Map<string, number> {
  const found = new Map<string, number>(kinds.map(kind => [kind, 0]));
  for (const [i, habits] of among.entries()) {
    const quiet = alarmsOf(habits, i + 1, { weeks: QUIET_WEEKS }, kinds);
    for (const { kind } of quiet) {
      found.set(kind, found.get(kind)! + 1);
    }
  }
  return found;
}
const falseAlarms = falseAlarmsOf(agents);
const agentWeeks = AGENTS * QUIET_WEEKS;

let foundOfAll = 0;
const delays: number[] = [];
const rows = FAULTS.map(([fault, kind, busy], of) => {
  const hours: number[] = [];
  for (const [i, habits] of agentsOf(busy).entries()) {
    const faultAt = MONDAY + FAULT_WEEK * WEEK_MS;
    const weeks = FAULT_WEEK + FOUND_WITHIN_MS / WEEK_MS;
    const seed = 1_000 * (of + 1) + i;
    const made = { weeks, fault, faultAt };
    for (const alarm of alarmsOf(habits, seed, made, [kind])) {
      if (alarm.at >= faultAt) {
        hours.push((alarm.at - faultAt) / 3_600_000);
        break;
      }
    }
  }
  hours.sort((a, b) => a - b);
  foundOfAll += hours.length;
  delays.push(...hours);
  const recall = wilsonInterval(hours.length, AGENTS);
  const cried = countInterval(
    (busy ? falseAlarmsOf(agentsOf(busy), [kind]) : falseAlarms).get(kind)!,
  );
  return {
    detector: kind,
    fault: busy ? `the same, of agents ${busy} times as busy` : fault,
    found: `${hours.length} of ${AGENTS}`,
    'recall, 95 %': range(recall.low * 100, recall.high * 100, 0, ' %'),
    'hours until it is told': hours.length
      ? `${hours[hours.length >> 1].toFixed(1)} (9 of 10: ${hours[
          Math.floor(hours.length * 0.9)
        ].toFixed(1)})`
      : 'never',
    'false alarms an agent-week': (cried.value / agentWeeks).toFixed(4),
    '95 %': range(cried.low / agentWeeks, cried.high / agentWeeks, 4),
  };
});
console.table(rows);

const all = [...falseAlarms.values()].reduce((sum, each) => sum + each, 0);
const cried = countInterval(all);
const recall = wilsonInterval(foundOfAll, AGENTS * FAULTS.length);
delays.sort((a, b) => a - b);
const share = (value: number) => `${(value * 100).toFixed(1)} %`;
console.log(
  `Found ${foundOfAll} of ${AGENTS * FAULTS.length} faults (${share(
    recall.low,
  )} to ${share(recall.high)}), half of them within ${delays[
    delays.length >> 1
  ].toFixed(1)} h; ${all} false alarms in ${agentWeeks} agent-weeks, ${(
    all / agentWeeks
  ).toFixed(4)} a week (${range(
    cried.low / agentWeeks,
    cried.high / agentWeeks,
    4,
  )}), where the budget is ${(7 / FALSE_ALARM_DAYS).toFixed(4)}.`,
);
