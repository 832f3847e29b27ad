import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import { only, shapeOf, toCedar, type CedarValue } from './ArgumentShape';
import { type CallHistory, sessionContext } from './CallHistory';
import { environmentAt, type RuleSettings } from './environment';
import {
  type HistoryNeeds,
  isPerCall,
  type Reads,
  readsOf,
  type Rule,
  type RuledTool,
} from './Rule';
import { textFields } from './ruleSchema';

/**
 * A call that rules are asked about.
 *
 * @public
 */
export interface RuledCall {
  agent: {
    ref: string;
    ownerRef: string;
    autonomy: string;
    lifecycle: string;
    classification?: string;
  };
  tool: RuledTool;
  /** Absent when it is only asked whether the tool belongs in a list. */
  args?: Record<string, unknown>;
  /** For whom the agent acts. */
  person?: { ref: string; groups: string[] };
  history?: CallHistory;
  /** All who said each text, `person` and refs of tools; nobody where nothing is told. */
  provenance?: Record<string, string[]>;
  /** Milliseconds, UTC. */
  now: number;
}

/** @public */
export interface RuleHit {
  ruleId: string;
  reason: string;
}

/** @public */
export interface RuleVerdict {
  allowed: boolean;
  /** Rules that refuse. */
  refusedBy: RuleHit[];
  /** Rules that would refuse, but only write it down. */
  logOnly: RuleHit[];
}

/** Which rules a call meets, and what has to be known to ask them. */
interface Selection {
  rules: Rule[];
  needs: HistoryNeeds;
  slot: string;
  reads: Reads;
  /** Whether some rule reads what the agent, or the tool, is like. */
  readsAgent: boolean;
  readsTool: boolean;
  /** Of all rules together. */
  parts: number;
}

type WhichTool = Pick<RuledTool, 'ref' | 'serverRef'>;

const BASE = 'base';
const NOTHING: RuleVerdict = { allowed: true, refusedBy: [], logOnly: [] };
/**
 * Cedar judges on the thread that serves everybody, and holds each letter that a rule
 * reads against each part of the rule at worst: letters x parts that take 0.1 s.
 */
const MAX_WORK = 20_000_000;
/** Sets of rules that stay compiled; each is of some agents and tools. */
const MAX_COMPILED = 500;

/**
 * Cedar keeps compiled policies under names and never forgets one, so names are used
 * again.
 */
const freeSlots: string[] = [];
let slots = 0;

/**
 * Judges calls by rules. A `forbid` that matches refuses, whatever else there is; what
 * cannot be judged counts as refused.
 *
 * @public
 */
export class RuleEngine {
  readonly #settings: RuleSettings;
  readonly #general: Rule[];
  readonly #byAgent: Map<string | undefined, Rule[]>;
  readonly #byServer: Map<string | undefined, Rule[]>;
  readonly #byTool: Map<string | undefined, Rule[]>;
  readonly #order: Map<Rule, number>;
  readonly #readsPerson: boolean;
  readonly #selections = new Map<string, Selection>();

  /**
   * @param rules - as `checkRules` gave them; those that are `off` are left out
   */
  constructor(rules: Rule[], settings: RuleSettings) {
    this.#settings = settings;
    const active = rules.filter(({ mode }) => mode !== 'off');
    this.#readsPerson = active.some(({ reads }) =>
      reads.some(([part]) => part === 'person'),
    );
    this.#order = new Map(active.map((rule, i) => [rule, i]));
    this.#byTool = Map.groupBy(
      active.filter(({ toolRef }) => toolRef),
      ({ toolRef }) => toolRef,
    );
    const ofSeveral = active.filter(({ toolRef }) => !toolRef);
    this.#byServer = Map.groupBy(
      ofSeveral.filter(({ serverRef }) => serverRef),
      ({ serverRef }) => serverRef,
    );
    const ofAllTools = ofSeveral.filter(({ serverRef }) => !serverRef);
    this.#byAgent = Map.groupBy(
      ofAllTools.filter(({ agentRef }) => agentRef),
      ({ agentRef }) => agentRef,
    );
    this.#general = ofAllTools.filter(({ agentRef }) => !agentRef);
  }

  /** Whether some rule reads the groups of the person. */
  get readsPerson(): boolean {
    return this.#readsPerson;
  }

  /** What of the past has to be read before {@link RuleEngine.judge} can answer. */
  needsOf(agentRef: string, tool: WhichTool): HistoryNeeds | undefined {
    const needs = this.#select(agentRef, tool, true)?.needs;
    return needs && needs.calls.length + needs.sums.length ? needs : undefined;
  }

  /** Tools and arguments that some rule counts, whoever calls. */
  counted(toolRef: string): { counted: boolean; paths: string[] } {
    let counted = false;
    const paths = new Set<string>();
    for (const { needs } of this.#order.keys()) {
      counted ||= needs.calls.includes(toolRef);
      for (const sum of needs.sums) {
        if (sum.toolRef === toolRef) {
          paths.add(sum.path);
        }
      }
    }
    return { counted: counted || paths.size > 0, paths: [...paths] };
  }

  /** Asks the rules about a call, or without `args` those that need no call. */
  judge(call: RuledCall): RuleVerdict {
    const { agent, tool, args } = call;
    const selection = this.#select(agent.ref, tool, args !== undefined);
    if (!selection) {
      return NOTHING;
    }
    let context: Record<string, CedarValue>;
    try {
      context = this.#context(call, selection);
    } catch (error) {
      // What needs no call is judged all the same.
      const general = this.judge({ ...call, args: undefined });
      const broken = unjudged(
        selection.rules.filter(isPerCall),
        (error as Error).message,
      );
      return {
        allowed: general.allowed && broken.allowed,
        refusedBy: [...general.refusedBy, ...broken.refusedBy],
        logOnly: [...general.logOnly, ...broken.logOnly],
      };
    }
    const answer = cedar.statefulIsAuthorized({
      principal: { type: 'Agent', id: agent.ref },
      action: { type: 'Action', id: 'call' },
      resource: { type: 'Tool', id: tool.ref },
      context,
      preparsedPolicySetId: selection.slot,
      entities: entitiesOf(call, selection),
    });
    if (answer.type === 'failure') {
      return unjudged(selection.rules, answer.errors[0].message);
    }
    const { reason, errors } = answer.response.diagnostics;
    const matched = reason
      .filter(id => id !== BASE)
      .map(Number)
      .sort((a, b) => a - b)
      .map(index => selection.rules[index]);
    // Cedar passes over a policy that fails, and a limit must not be passed over.
    const failed = errors.map(
      ({ policyId }) => selection.rules[Number(policyId)],
    );
    return verdictOf([
      ...matched.map(rule => ({ rule, reason: sentenceOf(rule) })),
      ...failed.map(rule => ({
        rule,
        reason: `The rule ${rule.id} cannot be judged for ${tool.ref}, so it counts as broken. Its author has to mend it.`,
      })),
    ]);
  }

  /** Gives back what Cedar holds; the engine cannot be asked any more. */
  close(): void {
    for (const { slot } of this.#selections.values()) {
      release(slot);
    }
    this.#selections.clear();
  }

  /** What the rules read and no more, because all of it costs more than the rules. */
  #context(
    { tool, args, person, history, provenance, now }: RuledCall,
    { needs, parts, reads }: Selection,
  ): Record<string, CedarValue> {
    const context: Record<string, CedarValue> = {};
    const shape = shapeOf(tool.inputSchema);
    if (reads.has('args')) {
      const read = reads.get('args');
      context.args = toCedar(read ? only(shape, read) : shape, args);
    }
    if (reads.has('person') && person) {
      context.person = { ref: person.ref, groups: person.groups };
    }
    if (reads.has('session')) {
      context.session = sessionContext(needs, history);
    }
    if (reads.has('env')) {
      const env = environmentAt(now, this.#settings);
      const read = reads.get('env');
      context.env = Object.fromEntries(
        Object.entries(env).filter(([name]) => !read || read.has(name)),
      );
    }
    if (reads.has('provenance')) {
      context.provenance = Object.fromEntries(
        textFields(shape)
          .filter(name => args?.[name] !== undefined)
          .map(name => [name, provenance?.[name] ?? []]),
      );
    }
    if (JSON.stringify(context).length * parts > MAX_WORK) {
      throw new Error(
        'what was said is too long for the rules that read it; say it shorter, or let them read less',
      );
    }
    return context;
  }

  #select(
    agentRef: string,
    tool: WhichTool,
    withCall: boolean,
  ): Selection | undefined {
    const rules = [
      ...this.#general,
      ...(this.#byAgent.get(agentRef) ?? []),
      ...[
        ...(this.#byServer.get(tool.serverRef) ?? []),
        ...(this.#byTool.get(tool.ref) ?? []),
      ].filter(
        rule =>
          (!rule.agentRef || rule.agentRef === agentRef) &&
          (!rule.serverRef || rule.serverRef === tool.serverRef),
      ),
    ].filter(rule => withCall || !isPerCall(rule));
    if (!rules.length) {
      return undefined;
    }
    const key = rules.map(rule => this.#order.get(rule)).join(' ');
    let selection = this.#selections.get(key);
    // The last used is the last to go.
    this.#selections.delete(key);
    selection ??= compile(rules);
    this.#selections.set(key, selection);
    if (this.#selections.size > MAX_COMPILED) {
      const [[oldest, { slot }]] = this.#selections;
      this.#selections.delete(oldest);
      release(slot);
    }
    return selection;
  }
}

function compile(rules: Rule[]): Selection {
  const slot = freeSlots.pop() ?? `rules-${slots++}`;
  const answer = cedar.preparsePolicySet(slot, {
    staticPolicies: {
      [BASE]: 'permit(principal, action, resource);',
      ...Object.fromEntries(rules.map((rule, i) => [i, rule.policy as any])),
    },
  });
  if (answer.type === 'failure') {
    freeSlots.push(slot);
    throw new Error(`Rules cannot be compiled: ${answer.errors[0].message}`);
  }
  const sums = new Map(
    rules
      .flatMap(({ needs }) => needs.sums)
      .map(sum => [`${sum.toolRef} ${sum.path}`, sum]),
  );
  const text = JSON.stringify(rules.map(({ policy }) => policy));
  return {
    rules,
    slot,
    // In whom a rule is about they are written otherwise.
    readsAgent: text.includes('"Var":"principal"'),
    readsTool: text.includes('"Var":"resource"'),
    reads: readsOf(rules),
    parts: rules.reduce((sum, { parts }) => sum + parts, 0),
    needs: {
      calls: [...new Set(rules.flatMap(({ needs }) => needs.calls))],
      sums: [...sums.values()],
    },
  };
}

function release(slot: string) {
  cedar.preparsePolicySet(slot, { staticPolicies: {} });
  freeSlots.push(slot);
}

/** Only of whom some rule reads something: Cedar is handed all of it as text. */
function entitiesOf(
  { agent, tool }: RuledCall,
  { readsAgent, readsTool }: Selection,
): cedar.Entities {
  const entities: cedar.Entities = [];
  if (readsAgent) {
    entities.push({
      uid: { type: 'Agent', id: agent.ref },
      attrs: {
        owner: agent.ownerRef,
        autonomy: agent.autonomy,
        lifecycle: agent.lifecycle,
        ...(agent.classification && { classification: agent.classification }),
      },
      parents: [],
    });
  }
  if (readsTool) {
    entities.push({
      uid: { type: 'Tool', id: tool.ref },
      attrs: {
        riskTier: tool.riskTier,
        owner: tool.ownerRef,
        server: tool.serverRef,
        ...(tool.dataClassification && {
          classification: tool.dataClassification,
        }),
      },
      parents: [],
    });
  }
  return entities;
}

function unjudged(rules: Rule[], why: string): RuleVerdict {
  return verdictOf(
    rules.map(rule => ({
      rule,
      reason: `The rule ${rule.id} cannot be judged: ${why}.`,
    })),
  );
}

function verdictOf(hits: Array<{ rule: Rule; reason: string }>): RuleVerdict {
  const of = (mode: Rule['mode']) =>
    hits
      .filter(({ rule }) => rule.mode === mode)
      .map(({ rule, reason }) => ({ ruleId: rule.id, reason }));
  const refusedBy = of('enforce');
  return {
    allowed: refusedBy.length === 0,
    refusedBy,
    logOnly: of('log'),
  };
}

/** For people; which rule it was stands beside it. */
function sentenceOf({ reason, ask }: Rule): string {
  const sentence = /[.!?]$/.test(reason) ? reason : `${reason}.`;
  return `${sentence}${ask ? ` Ask ${ask}.` : ''}`;
}
