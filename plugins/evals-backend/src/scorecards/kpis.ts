import {
  type Scorecard,
  wilsonInterval,
} from '@agentportal/plugin-evals-common';
import type { Evidence } from './evidence/Evidence';
import { pageOf } from './facts';

type Kpi = NonNullable<Scorecard['kpis']>[number];

/** A rate with what is not luck; nothing where nothing was counted. */
function rate(hits: number, of: number) {
  return of > 0
    ? { ...wilsonInterval(Math.min(hits, of), of), samples: of }
    : { samples: 0 };
}

function before(hits: number, of: number) {
  return of > 0 ? { before: hits / of } : {};
}

/**
 * The five figures of an agent, each with its days, the period before, and the page that
 * shows what it rests on. A figure of which nothing is known has no value.
 */
export function kpisOf(agentRef: string, evidence: Evidence): Kpi[] {
  const { evaluation, guard, ratings, runs } = evidence;
  const [newest, earlier] = [evaluation?.newest, evaluation?.earlier[0]];
  const rated = ratings ?? {
    up: 0,
    down: 0,
    before: { up: 0, down: 0 },
    days: [],
  };
  const endedOn = new Map(runs?.days.map(({ day, ended }) => [day, ended]));
  const days = runs?.days ?? [];
  return [
    {
      id: 'quality',
      title: 'Right answers',
      unit: 'share',
      better: 'higher',
      ...(newest && rate(newest.passed, newest.cases)),
      ...(earlier && before(earlier.passed, earlier.cases)),
      trend: lastOfDays([newest, ...(evaluation?.earlier ?? [])]),
      link: pageOf(agentRef, 'evaluations'),
    },
    {
      id: 'satisfaction',
      title: 'Satisfied people',
      unit: 'share',
      better: 'higher',
      ...rate(rated.up, rated.up + rated.down),
      ...before(rated.before.up, rated.before.up + rated.before.down),
      trend: rated.days.map(({ day, up, down }) => ({
        day,
        ...rate(up, up + down),
      })),
      link: pageOf(agentRef, 'reviews'),
    },
    {
      id: 'speed',
      title: '95 % of runs end within',
      unit: 'ms',
      better: 'lower',
      ...(runs?.now.p95Ms !== undefined && { value: runs.now.p95Ms }),
      ...(runs && { samples: runs.now.timed }),
      ...(runs?.before.p95Ms !== undefined && { before: runs.before.p95Ms }),
      trend: days.map(({ day, p95Ms, ended }) => ({
        day,
        ...(p95Ms !== undefined && { value: p95Ms }),
        samples: ended,
      })),
      link: pageOf(agentRef, 'traces'),
    },
    {
      id: 'cost',
      title: 'Cost of a run',
      unit: 'nano-usd',
      better: 'lower',
      ...(runs && perRun(runs.now)),
      ...(runs &&
        runs.before.ended > 0 && { before: perRun(runs.before).value }),
      trend: days.map(each => ({ day: each.day, ...perRun(each) })),
      link: pageOf(agentRef, 'cost'),
    },
    {
      id: 'safety',
      title: 'Runs with findings of the guard',
      unit: 'share',
      better: 'lower',
      ...(guard && runs && rate(guard.runs, runs.now.ended)),
      ...(guard && runs && before(guard.before, runs.before.ended)),
      trend: (guard?.days ?? []).map(each => ({
        day: each.day,
        ...rate(each.runs, endedOn.get(each.day) ?? 0),
      })),
      link: pageOf(agentRef, 'traces'),
    },
  ];
}

/** The last evaluation of each day, the oldest day first; they come the newest first. */
function lastOfDays(
  evaluations: Array<
    { finishedAt: number; passed: number; cases: number } | undefined
  >,
) {
  const days = new Map<string, ReturnType<typeof rate>>();
  for (const each of evaluations) {
    const day = each && new Date(each.finishedAt).toISOString().slice(0, 10);
    if (day && !days.has(day)) {
      days.set(day, rate(each.passed, each.cases));
    }
  }
  return [...days].reverse().map(([day, figures]) => ({ day, ...figures }));
}

/** Integer nano-USD, of all that was spent, also on runs that failed. */
function perRun({
  costNanoUsd,
  ended,
}: {
  costNanoUsd: number;
  ended: number;
}) {
  return ended > 0
    ? { value: Math.round(costNanoUsd / ended), samples: ended }
    : { samples: 0 };
}
