/**
 * What a rule does when it matches: refuse the call, or only write down that it would
 * have.
 *
 * @public
 */
export type RuleMode = 'enforce' | 'log' | 'off';

/** @public */
export const RULE_MODES = ['enforce', 'log', 'off'] as const;

/**
 * Whom a text of rules may speak about. Central texts may speak about everybody; one
 * that an owner wrote holds for what they own.
 *
 * @public
 */
export type RuleScope =
  | { type: 'central' }
  | { type: 'agent'; agentRef: string }
  | { type: 'tool'; toolRef: string }
  | { type: 'server'; serverRef: string };

/**
 * What a rule reads of the past.
 *
 * @public
 */
export interface HistoryNeeds {
  /** Full refs of the tools whose calls are counted. */
  calls: string[];
  /** Arguments that are summed: the tool's full ref and the path, `order.total`. */
  sums: Array<{ toolRef: string; path: string }>;
}

/**
 * One rule, ready to be compiled. It is plain data, so that it can be stored and sent.
 *
 * @public
 */
export interface Rule {
  /** The text's name and the rule's `@id`: `portal/refunds#limit`. */
  id: string;
  /** A sentence for people, of `@reason`. */
  reason: string;
  /** Whom to ask, of `@ask`. */
  ask?: string;
  mode: RuleMode;
  /** The policy in Cedar's JSON, with the scope of its text worked in. */
  policy: object;
  /** The one agent that it is about; absent for all. */
  agentRef?: string;
  /** The one tool that it is about; absent for all. */
  toolRef?: string;
  /** The one server about whose tools it is; absent for all. */
  serverRef?: string;
  /** What of the context it reads: `['args', 'amount']`, or `['person']` for all of it. */
  reads: Array<[part: string, field?: string]>;
  /** How many parts it has, letters of patterns included. */
  parts: number;
  needs: HistoryNeeds;
}

/**
 * A fault of a text of rules.
 *
 * @public
 */
export interface RuleProblem {
  message: string;
  /** From 1. */
  line: number;
  /** From 1, in characters. */
  column: number;
  /** `@id` of the rule. */
  rule?: string;
  /** Ref of the tool for which it does not hold. */
  toolRef?: string;
}

/**
 * What rules know of a tool.
 *
 * @public
 */
export interface RuledTool {
  /** Full entity ref. */
  ref: string;
  riskTier: string;
  ownerRef: string;
  serverRef: string;
  /** The most sensitive data that it gives, where that is known. */
  dataClassification?: string;
  inputSchema: Record<string, unknown>;
}

const OF_A_CALL = ['args', 'session', 'provenance'];

/** Whether a rule needs a call to be judged, so that a list of tools cannot tell. */
export function isPerCall({ reads }: Rule): boolean {
  return reads.some(([part]) => OF_A_CALL.includes(part));
}

/** By part of the context the fields that are read of it; `undefined` for all. */
export type Reads = Map<string, Set<string> | undefined>;

export function readsOf(rules: Rule[]): Reads {
  const all: Reads = new Map();
  for (const [part, field] of rules.flatMap(({ reads }) => reads)) {
    const fields = all.has(part) ? all.get(part) : new Set<string>();
    all.set(part, field === undefined ? undefined : fields?.add(field));
  }
  return all;
}
