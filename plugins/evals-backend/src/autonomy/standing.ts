import type {
  AutonomyEvidence,
  CallDecision,
  EarnedAutonomy,
} from '@agentportal/plugin-agents-common';
import {
  casesNeeded,
  lowerBound,
  type ToolAutonomy,
  upperBound,
} from '@agentportal/plugin-evals-common';

const DAY_MS = 86_400_000;
/** Decisions of a tool that a page shows. */
const SHOWN = 10;

/** What an agent has to show before people are asked to trust it. */
export interface AutonomyTerms {
  /** Share of calls that people approve as they were, by the tier of the tool. */
  target: { write: number; external: number };
  confidence: number;
  minimumDecisions: number;
  minimumDays: number;
  /** Different people who decided. */
  minimumDeciders: number;
  /** Of the calls, about which people are asked still when it was earned. */
  askedShare: number;
  /** Older decisions do not count. */
  lookBackDays: number;
}

/** Since when an agent is what it is, and why not before. */
export interface Beginning {
  at: number;
  reason?: string;
}

/** From where it is looked at what an agent has shown. */
export interface Standpoint {
  beginning: Beginning;
  /** Why it is not known whether something is wrong with it. */
  unheard?: 'alarm' | 'muted';
  now: number;
}

const UNHEARD = {
  alarm: 'An alarm about it has no answer: say whether it was real first.',
  muted: 'Alarms about it are muted: have them again first.',
};

/** How often people agreed with calls. */
export interface Agreement {
  unchanged: number;
  changed: number;
  rejected: number;
  /** The same call again, and what somebody approved who reads nothing. */
  ignored: number;
  /** All that count. */
  counted: number;
  deciders: number;
  people: number;
  /** When the first that counts was decided, and the last. */
  firstAt?: string;
  lastAt?: string;
}

/** Of a call that is asked again and again the worst answer counts, once. */
const WORST: CallDecision['outcome'][] = ['unchanged', 'changed', 'rejected'];

/** The decisions about calls of one tool that count. */
function countedOf(decisions: readonly CallDecision[]): CallDecision[] {
  const byCall = new Map<string, CallDecision>();
  for (const each of decisions) {
    // To reject something takes a reason, so whoever does it has read.
    if (each.isHasty && each.outcome === 'unchanged') {
      continue;
    }
    const before = byCall.get(each.requestDigest);
    if (
      !before ||
      WORST.indexOf(each.outcome) > WORST.indexOf(before.outcome)
    ) {
      byCall.set(each.requestDigest, each);
    }
  }
  return [...byCall.values()];
}

/** Adds up what people decided about calls of one tool. */
export function agreementOf(decisions: readonly CallDecision[]): Agreement {
  const counted = countedOf(decisions);
  const times = counted.map(({ decidedAt }) => decidedAt).sort();
  const of = (outcome: CallDecision['outcome']) =>
    counted.filter(each => each.outcome === outcome).length;
  return {
    unchanged: of('unchanged'),
    changed: of('changed'),
    rejected: of('rejected'),
    ignored: decisions.length - counted.length,
    counted: counted.length,
    deciders: new Set(counted.flatMap(({ deciders }) => deciders)).size,
    people: new Set(counted.flatMap(({ personRef }) => personRef ?? [])).size,
    ...(times.length > 0 && { firstAt: times[0], lastAt: times.at(-1)! }),
  };
}

/** Who decided how many of the calls that count, those with most first. */
export function decidersOf(
  decisions: readonly CallDecision[],
): Array<[ref: string, calls: number]> {
  const by = Map.groupBy(
    countedOf(decisions).flatMap(({ deciders }) => deciders),
    ref => ref,
  );
  return [...by]
    .map(([ref, calls]): [string, number] => [ref, calls.length])
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
}

/** How an agent stands with each of its tools. */
export function standingOf(
  evidence: AutonomyEvidence,
  terms: AutonomyTerms,
  options: Standpoint,
): ToolAutonomy[] {
  return evidence.tools.map(tool =>
    standingWith(tool, evidence, terms, options),
  );
}

function standingWith(
  tool: AutonomyEvidence['tools'][number],
  evidence: AutonomyEvidence,
  terms: AutonomyTerms,
  options: Standpoint,
): ToolAutonomy {
  const { riskTier, title, toolRef, waitingApprovalId } = tool;
  const of = evidence.earned.filter(each => each.toolRef === toolRef);
  const earned = of.find(({ holds }) => holds);
  const lost = of.find(({ endedAt }) => endedAt !== undefined);
  const since = Math.max(
    options.beginning.at,
    Date.parse(lost?.endedAt ?? '') || 0,
  );
  const own = evidence.decisions.filter(
    each =>
      each.toolRef === toolRef &&
      each.riskTier === riskTier &&
      Date.parse(each.decidedAt) >= since,
  );
  const agreement = agreementOf(own);
  const base = {
    toolRef,
    ...(title && { title }),
    ...(riskTier && { riskTier }),
    ...agreement,
    recent: own.slice(0, SHOWN).map(({ approvalId, decidedAt, outcome }) => ({
      approvalId,
      decidedAt,
      outcome,
    })),
    ...(waitingApprovalId && { waitingApprovalId }),
    // Without its id, by which it is drawn about which calls people are asked.
    ...(earned && {
      earned: {
        approvalId: earned.approvalId,
        askedShare: earned.askedShare,
        createdAt: earned.createdAt,
      },
    }),
    ...(lost && {
      lost: { at: lost.endedAt!, by: lost.endedBy!, reason: lost.endReason! },
    }),
    missing: [],
  };
  if (tool.covered) {
    return { ...base, standing: 'covered' };
  }
  if (riskTier !== 'write' && riskTier !== 'external') {
    return { ...base, standing: 'never' };
  }
  const target = terms.target[riskTier];
  const bound = {
    target,
    ...(agreement.counted > 0 && {
      lowerBound: lowerBound(
        agreement.unchanged,
        agreement.counted,
        terms.confidence,
      ),
    }),
  };
  if (earned) {
    return { ...base, ...bound, standing: 'earned' };
  }
  if (waitingApprovalId) {
    return { ...base, ...bound, standing: 'waiting' };
  }
  const missing = missingOf(agreement, target, terms, options);
  if (!evidence.isActive) {
    missing.unshift(
      'It has to be active, and in production, where changes of it are seen.',
    );
  }
  return {
    ...base,
    ...bound,
    missing,
    standing: missing.length ? 'asks' : 'ready',
  };
}

/** What stands before a proposal, in sentences. */
function missingOf(
  agreement: Agreement,
  target: number,
  terms: AutonomyTerms,
  { now, unheard }: Standpoint,
): string[] {
  const { counted, deciders, firstAt, unchanged } = agreement;
  const { confidence, minimumDays, minimumDeciders, minimumDecisions } = terms;
  const needed = Math.max(
    minimumDecisions,
    casesNeeded(target, counted - unchanged, confidence),
  );
  const days = firstAt ? (now - Date.parse(firstAt)) / DAY_MS : 0;
  const more = needed - counted;
  return [
    ...(more > 0
      ? [
          `${more} more ${
            more === 1 ? 'call' : 'calls'
          } that people approve as ${more === 1 ? 'it is' : 'they are'}.`,
        ]
      : []),
    ...(deciders < minimumDeciders
      ? [
          `Decisions of ${minimumDeciders} different people; so far ${
            deciders === 1 ? 'one has' : `${deciders} have`
          } decided.`,
        ]
      : []),
    ...(days < minimumDays
      ? [
          `${minimumDays} days of evidence; so far there are ${Math.floor(
            days,
          )}.`,
        ]
      : []),
    ...(unheard ? [UNHEARD[unheard]] : []),
  ];
}

/** Why an agent loses what it has earned; undefined when it does not. */
export function whyLost(
  earned: EarnedAutonomy,
  evidence: AutonomyEvidence,
  terms: AutonomyTerms,
  beginning: Beginning,
): string | undefined {
  const { basis, riskTier, toolRef } = earned;
  if (beginning.reason && beginning.at > Date.parse(basis.since)) {
    return beginning.reason;
  }
  const tool = evidence.tools.find(each => each.toolRef === toolRef);
  if (!tool) {
    return 'It does not declare the tool any more.';
  }
  // A server that is away takes nothing from the agents that use it.
  if (tool.riskTier && tool.riskTier !== riskTier) {
    return `The tool is ${tool.riskTier} now; it was ${riskTier} when it was earned.`;
  }
  const { counted, unchanged } = agreementOf(
    evidence.decisions.filter(
      each => each.toolRef === toolRef && each.decidedAt > basis.until,
    ),
  );
  const most = upperBound(unchanged, counted, terms.confidence);
  return counted > 0 && most < basis.target
    ? `People approved ${unchanged} of the ${counted} calls about which they were asked since as they were, which is less than ${percent(
        basis.target,
      )} beyond doubt.`
    : undefined;
}

/** A share in a sentence. */
export function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}
