import { parseEntityRef } from '@backstage/catalog-model';
import type { Evidence, KnownAgent } from './evidence/Evidence';

const DAY_MS = 86_400_000;
/** A description of fewer characters says what the name says. */
const DESCRIPTION = 40;

/** All that checks can ask of an agent. */
export const FACT_NAMES = [
  'owned',
  'sponsored',
  'documented',
  'active',
  'tools-sound',
  'bounded',
  'failed-runs',
  'answers-right',
  'satisfaction',
  'bad-conversations',
  'guard-findings',
  'evaluation-age',
  'decision-age',
  'p95',
  'budget-course',
] as const;

export type FactName = (typeof FACT_NAMES)[number];

/** What is so, in the form that a check can hold to a target. */
export type Fact = (
  | { kind: 'flag'; holds: boolean; found: string }
  /** `found` is in words such as "of 50 answers were right". */
  | { kind: 'share'; hits: number; of: number; found: string }
  | {
      kind: 'measure';
      value: number;
      unit: 'ms' | 'days' | 'share';
      samples?: number;
    }
  /** Nothing is known yet. */
  | { kind: 'unknown'; found: string }
  /** Such an agent cannot be asked that. */
  | { kind: 'none'; found: string }
) & { at?: number; link?: string };

type ReadFact = (
  agent: KnownAgent,
  evidence: Evidence,
  pages: (tab: string) => string,
  now: number,
) => Fact;

const unknown = (found: string): Fact => ({ kind: 'unknown', found });

const READ: Record<FactName, ReadFact> = {
  owned: (agent, { people }) =>
    people
      ? {
          kind: 'flag',
          holds: people.owner,
          found: people.owner
            ? `${agent.ownerRef} owns it.`
            : `${agent.ownerRef} is not in the catalog.`,
          at: people.at,
        }
      : unknown('Owners cannot be looked up yet.'),
  sponsored: (agent, { people }) => {
    if (!people) {
      return unknown('People cannot be looked up yet.');
    }
    const missing = agent.sponsorRef
      ? `${agent.sponsorRef} is not in the catalog any more.`
      : 'No sponsor is set.';
    return {
      kind: 'flag',
      holds: people.sponsor,
      found: people.sponsor ? `${agent.sponsorRef} answers for it.` : missing,
      at: people.at,
    };
  },
  documented: ({ description }, _, pages) => {
    const length = description.trim().length;
    return {
      kind: 'flag',
      holds: length >= DESCRIPTION,
      found: `Its description has ${length} characters; ${DESCRIPTION} say something.`,
      link: pages(''),
    };
  },
  active: ({ state, stateReason }, _, pages) => ({
    kind: 'flag',
    holds: state === 'active',
    found:
      state === 'active' ? 'It may work.' : stateReason ?? `It is ${state}.`,
    link: pages(''),
  }),
  'tools-sound': (_agent, { tools }, pages) => {
    if (!tools) {
      return unknown('Tools cannot be looked up yet.');
    }
    const { unsound, declared, at } = tools;
    return {
      kind: 'flag',
      holds: unsound.length === 0,
      found: unsound.length
        ? `Not there, or changed so that nobody can call them: ${unsound
            .slice(0, 5)
            .join(', ')}.`
        : `${declared} tools, all there.`,
      at,
      link: pages(''),
    };
  },
  bounded: (_agent, { budget }, pages) =>
    budget
      ? {
          kind: 'flag',
          holds: budget.limitNanoUsd !== undefined,
          found:
            budget.limitNanoUsd === undefined
              ? 'It has no budget of its own.'
              : 'It has a budget of its own.',
          at: budget.at,
          link: pages('cost'),
        }
      : unknown('Budgets cannot be read yet.'),
  'failed-runs': (_agent, { runs }, pages) =>
    runs
      ? {
          kind: 'share',
          hits: runs.now.failed,
          of: runs.now.ended,
          found: 'runs failed in 30 days',
          at: runs.at,
          link: pages('runs'),
        }
      : unknown('Runs cannot be read yet.'),
  'answers-right': (_agent, { evaluation }, pages) => {
    const link = pages('evaluations');
    const newest = evaluation?.newest;
    if (!newest) {
      return { ...unknown('It was not evaluated yet.'), link };
    }
    const { finishedAt: at, passed: hits, cases: of } = newest;
    return (evaluation.changedAt ?? 0) > at
      ? { ...unknown('It has changed since it was evaluated.'), at, link }
      : { kind: 'share', hits, of, found: 'answers were right', at, link };
  },
  satisfaction: (_agent, { ratings }, pages) =>
    ratings
      ? {
          kind: 'share',
          hits: ratings.up,
          of: ratings.up + ratings.down,
          found: 'rated answers were good in 30 days',
          at: ratings.at,
          link: pages('reviews'),
        }
      : unknown('Ratings cannot be read yet.'),
  'bad-conversations': (_agent, { drawn }, pages) =>
    drawn
      ? {
          kind: 'share',
          hits: drawn.bad,
          of: drawn.judged,
          found: 'conversations drawn at random in 90 days were bad',
          at: drawn.at,
          link: pages('reviews'),
        }
      : unknown('Reviews cannot be read yet.'),
  'guard-findings': (agent, { guard, runs }, pages) => {
    if (agent.toolRefs.length === 0) {
      return { kind: 'none', found: 'It uses no tools.' };
    }
    return guard && runs
      ? {
          kind: 'share',
          // A run that has not ended may have a finding already.
          hits: Math.min(guard.runs, runs.now.ended),
          of: runs.now.ended,
          found: 'runs had findings of the guard in 30 days',
          at: Math.min(guard.at, runs.at),
          link: pages('traces'),
        }
      : unknown('Findings of the guard cannot be read yet.');
  },
  'evaluation-age': (_agent, { evaluation }, pages, now) =>
    evaluation?.newest
      ? {
          kind: 'measure',
          value: Math.floor((now - evaluation.newest.finishedAt) / DAY_MS),
          unit: 'days',
          at: evaluation.newest.finishedAt,
          link: pages('evaluations'),
        }
      : {
          kind: 'flag',
          holds: false,
          found: 'It was not evaluated yet.',
          link: pages('evaluations'),
        },
  'decision-age': (_agent, { decision }, pages, now) =>
    decision?.decidedAt
      ? {
          kind: 'measure',
          value: Math.floor((now - decision.decidedAt) / DAY_MS),
          unit: 'days',
          at: decision.decidedAt,
          link: pages('scorecard'),
        }
      : {
          kind: 'flag',
          holds: false,
          found: 'Nobody has decided on it yet.',
          link: pages('scorecard'),
        },
  p95: (_agent, { runs }, pages) =>
    runs?.now.p95Ms === undefined
      ? unknown('No run of 30 days has ended.')
      : {
          kind: 'measure',
          value: runs.now.p95Ms,
          unit: 'ms',
          samples: runs.now.timed,
          at: runs.at,
          link: pages('traces'),
        },
  'budget-course': (_agent, { budget }, pages) => {
    if (!budget) {
      return unknown('Budgets cannot be read yet.');
    }
    return budget.course === undefined
      ? { kind: 'none', found: 'It has no budget that begins anew.' }
      : {
          kind: 'measure',
          value: budget.course,
          unit: 'share',
          at: budget.at,
          link: pages('cost'),
        };
  },
};

/** Reads one fact of an agent out of what is known of it. */
export function factOf(
  name: FactName,
  agent: KnownAgent,
  evidence: Evidence,
  now: number,
): Fact {
  return READ[name](agent, evidence, tab => pageOf(agent.ref, tab), now);
}

/** Where a page of the portal shows what a figure rests on. */
export function pageOf(agentRef: string, tab: string): string {
  if (tab === 'reviews') {
    return `/quality/reviews?agent=${encodeURIComponent(agentRef)}`;
  }
  const { kind, namespace, name } = parseEntityRef(agentRef);
  return `/catalog/${namespace}/${kind.toLowerCase()}/${name}${
    tab && `/${tab}`
  }`;
}
