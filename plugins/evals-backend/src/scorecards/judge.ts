import {
  lowerBound,
  type Scorecard,
  upperBound,
} from '@agentportal/plugin-evals-common';
import type { RiskTier } from '@agentportal/plugin-agents-common';
import type { Evidence, KnownAgent } from './evidence/Evidence';
import { type Fact, factOf } from './facts';
import { type Check, LEVELS } from './scorecardFile';

export type Level = Scorecard['level'];
export type JudgedCheck = Scorecard['checks'][number];

/** All levels, the lowest first. */
export const ALL_LEVELS: readonly Level[] = ['none', ...LEVELS];

/** Holds an agent to each check, in the order of the file. */
export function judgeChecks(
  checks: readonly Check[],
  agent: KnownAgent,
  evidence: Evidence,
  now: number,
): JudgedCheck[] {
  const tier = evidence.tools?.tier;
  return checks.map(check => {
    const { id, title, why, level, fix } = check;
    const about = { id, title, why, level };
    if (!applies(check, agent, tier)) {
      return {
        ...about,
        status: 'not-applicable',
        sentence: 'It is not asked of such agents.',
      };
    }
    const fact = factOf(check.fact, agent, evidence, now);
    const judged = judge(check, fact);
    return {
      ...about,
      ...judged,
      ...(fact.at !== undefined && {
        evidenceAt: new Date(fact.at).toISOString(),
      }),
      ...(fact.link && { link: fact.link }),
      // Where evidence is wanting, nothing is known that could be mended.
      ...(judged.status === 'failed' && { fix }),
    };
  });
}

/** The highest level of which all checks pass, and of those below. */
export function levelOf(checks: readonly JudgedCheck[]): Level {
  const open = LEVELS.find(level =>
    checks.some(check => check.level === level && blocks(check)),
  );
  return open ? ALL_LEVELS[ALL_LEVELS.indexOf(open) - 1] : 'gold';
}

/** Whether a check keeps an agent from its level. */
export function blocks({ status }: JudgedCheck): boolean {
  return status === 'failed' || status === 'not-enough-evidence';
}

function applies(
  { applies: to }: Check,
  { lifecycle }: KnownAgent,
  tier: RiskTier | undefined,
): boolean {
  return (
    (!to.lifecycle || to.lifecycle.includes(lifecycle)) &&
    // An agent of which the tier is not known is held to what the riskiest is held to.
    (!to.riskTier || !tier || to.riskTier.includes(tier))
  );
}

type Judged = Pick<
  JudgedCheck,
  | 'status'
  | 'sentence'
  | 'value'
  | 'low'
  | 'high'
  | 'target'
  | 'unit'
  | 'samples'
>;

function judge(check: Check, fact: Fact): Judged {
  switch (fact.kind) {
    case 'flag':
      return {
        status: fact.holds ? 'passed' : 'failed',
        sentence: fact.found,
      };
    case 'share':
      return judgeShare(check, fact);
    case 'measure':
      return judgeMeasure(check, fact);
    case 'none':
      return { status: 'not-applicable', sentence: fact.found };
    default:
      return { status: 'not-enough-evidence', sentence: fact.found };
  }
}

function judgeShare(
  { atLeast, atMost, confidence, samples: least }: Check,
  { hits, of, found }: Extract<Fact, { kind: 'share' }>,
): Judged {
  const target = atLeast ?? atMost;
  const figures = {
    ...(target !== undefined && { target }),
    unit: 'share' as const,
    samples: of,
  };
  if (of === 0 || of < least) {
    return {
      ...figures,
      status: 'not-enough-evidence',
      sentence: `${hits} of ${of} ${found}; it takes ${Math.max(
        1,
        least,
      )} to tell.`,
    };
  }
  const value = hits / of;
  const low = lowerBound(hits, of, confidence);
  const high = upperBound(hits, of, confidence);
  const bounded =
    atMost === undefined
      ? `at least ${percent(low, Math.floor)}`
      : `at most ${percent(high, Math.ceil)}`;
  const [isMet, isNear] =
    atMost === undefined
      ? [low >= (atLeast ?? 0), value >= (atLeast ?? 0)]
      : [high <= atMost, value <= atMost];
  const sentence = `${hits} of ${of} ${found}, ${bounded}.`;
  return {
    ...figures,
    ...{ value, low, high },
    ...(isMet
      ? { status: 'passed', sentence }
      : {
          // What looks good and may be luck is no failure, and no pass either.
          status: isNear ? 'not-enough-evidence' : 'failed',
          sentence: isNear ? `${sentence} More would show it.` : sentence,
        }),
  };
}

function judgeMeasure(
  { atLeast, atMost, samples: least }: Check,
  { value, unit, samples }: Extract<Fact, { kind: 'measure' }>,
): Judged {
  const target = atLeast ?? atMost;
  const figures = {
    value,
    unit,
    ...(target !== undefined && { target }),
    ...(samples !== undefined && { samples }),
  };
  if (samples !== undefined && samples < least) {
    return {
      ...figures,
      status: 'not-enough-evidence',
      sentence: `${inWords(
        value,
        unit,
      )} so far, of ${samples}; it takes ${least} to tell.`,
    };
  }
  const isMet =
    (atLeast === undefined || value >= atLeast) &&
    (atMost === undefined || value <= atMost);
  return {
    ...figures,
    status: isMet ? 'passed' : 'failed',
    sentence: `${
      // Days tell how old something is.
      unit === 'days' ? ago(value) : inWords(value, unit)
    }${
      target === undefined
        ? ''
        : `; ${inWords(target, unit)} at ${
            atMost === undefined ? 'least' : 'most'
          }`
    }.`,
  };
}

function ago(days: number): string {
  return days === 0 ? 'Today' : `${inWords(days, 'days')} ago`;
}

function percent(share: number, round: (value: number) => number): string {
  return `${round(share * 100)} %`;
}

function inWords(value: number, unit: 'ms' | 'days' | 'share'): string {
  switch (unit) {
    case 'ms':
      return `${(value / 1_000).toFixed(value < 10_000 ? 1 : 0)} s`;
    case 'days':
      return value === 1 ? '1 day' : `${value} days`;
    default:
      return percent(value, Math.round);
  }
}
