import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import { inWords } from './cedarWords';
import { contextPaths, PolicyTooLargeError } from './contextPaths';
import { positionAt } from './positions';
import {
  RULE_MODES,
  type HistoryNeeds,
  type Rule,
  type RuleMode,
  type RuleProblem,
  type RuleScope,
} from './Rule';

/** How much one text may hold. */
export const RULE_LIMITS = {
  /** Bytes of a text. */
  bytes: 64 * 1024,
  /** Rules of a text. */
  rules: 100,
  /** Rules that an entity carries, because anybody can write one. */
  rulesOfEntity: 20,
  /** Brackets within brackets; deeper ones would overflow the parser's stack. */
  nesting: 50,
  /** Tools whose calls a rule counts or sums. */
  counted: 20,
};

const ID = /^[a-z0-9][a-z0-9._-]{0,62}$/i;
const ANNOTATIONS = ['id', 'reason', 'ask', 'mode'];
const WINDOWS = ['run', 'session', 'hour'];

/** A rule and where in its text it stands. */
export interface PlacedRule {
  rule: Rule;
  /** Name of the policy in Cedar's answers about the whole text. */
  policyId: string;
  line: number;
  column: number;
}

class RuleFaultError extends Error {
  override name = 'RuleFaultError';
}

/**
 * Reads a text of rules. It is foreign until this has said that it is good, so it
 * belongs in a process of its own.
 *
 * @param options.name - what the ids of the rules begin with, such as `portal/refunds`
 */
export function readRules(options: {
  text: string;
  name: string;
  scope: RuleScope;
}): { rules: PlacedRule[]; problems: RuleProblem[] } {
  const { text, name, scope } = options;
  const tooLarge = sizeProblem(text);
  if (tooLarge) {
    return { rules: [], problems: [tooLarge] };
  }
  const parts = cedar.policySetTextToParts(text);
  if (parts.type === 'failure') {
    return {
      rules: [],
      problems: parts.errors
        .flatMap(error => [error, ...(error.related ?? [])])
        .map(error => toProblem(text, error)),
    };
  }
  if (parts.policy_templates.length) {
    return {
      rules: [],
      problems: [
        at(text, '?', 'Templates are not used: name the agent or tool itself.'),
      ],
    };
  }
  const tooMany = countProblem(parts.policies.length, scope);
  if (tooMany) {
    return { rules: [], problems: [at(text, '', tooMany)] };
  }
  const rules: PlacedRule[] = [];
  const problems: RuleProblem[] = [];
  const ids = new Set<string>();
  // Cedar calls the policies of a text policy0, policy1, … and lists them in the order
  // of these names, in which policy10 comes before policy2.
  const policyIds = parts.policies.map((_, i) => `policy${i}`).sort();
  parts.policies.forEach((source, i) => {
    const { line, column } = at(text, source.split('\n')[0], '');
    const refuse = (message: string, rule?: string) =>
      problems.push({ message, line, column, ...(rule && { rule }) });
    const read = cedar.policyToJson(source);
    if (read.type === 'failure') {
      refuse(inWords(read.errors[0].message));
      return;
    }
    const { annotations = {}, ...policy } = read.json;
    const { id } = annotations;
    if (!id || !ID.test(id)) {
      refuse(
        'Give each rule a name: @id("refund-limit"), of letters, digits, dots and dashes.',
      );
      return;
    }
    if (ids.has(id)) {
      refuse(`There are two rules with @id("${id}").`, id);
      return;
    }
    ids.add(id);
    const fault =
      annotationProblem(annotations) ??
      (policy.effect === 'permit'
        ? 'Rules only forbid. What an agent may call is what its entity declares and its autonomy covers; write "forbid … unless" for what must be so.'
        : undefined);
    if (fault) {
      refuse(fault, id);
      return;
    }
    try {
      const scoped = inScope(policy as Policy, scope);
      const reads = readsOf(policy as Policy);
      rules.push({
        policyId: policyIds[i],
        line,
        column,
        rule: {
          id: `${name}#${id}`,
          reason: annotations.reason,
          ...(annotations.ask && { ask: annotations.ask }),
          mode: (annotations.mode ?? 'enforce') as RuleMode,
          ...scoped,
          ...reads,
        },
      });
    } catch (error) {
      if (
        !(error instanceof RuleFaultError) &&
        !(error instanceof PolicyTooLargeError)
      ) {
        throw error;
      }
      refuse(error.message, id);
    }
  });
  const inOrder = (a: Place, b: Place) =>
    a.line - b.line || a.column - b.column;
  return {
    rules: rules.sort(inOrder),
    problems: problems.sort(inOrder),
  };
}

type Place = Pick<RuleProblem, 'line' | 'column'>;

type Policy = Extract<
  ReturnType<typeof cedar.policyToJson>,
  { type: 'success' }
>['json'];

function sizeProblem(text: string): RuleProblem | undefined {
  if (Buffer.byteLength(text) > RULE_LIMITS.bytes) {
    return at(
      text,
      '',
      `The text is longer than ${RULE_LIMITS.bytes / 1024} KiB. Divide it.`,
    );
  }
  const nul = text.indexOf('\u0000');
  if (nul >= 0) {
    return {
      message: 'There is a NUL character, which is no text. Delete it.',
      ...positionAt(text, Buffer.byteLength(text.slice(0, nul))),
    };
  }
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if ('([{'.includes(text[i])) {
      depth += 1;
    } else if (')]}'.includes(text[i])) {
      depth -= 1;
    }
    if (depth > RULE_LIMITS.nesting) {
      return {
        message: `Brackets are nested deeper than ${RULE_LIMITS.nesting} levels.`,
        ...positionAt(text, Buffer.byteLength(text.slice(0, i))),
      };
    }
  }
  // A chain of these without brackets nests as deep as it is long.
  const chained = /(?:(?:!|-|if|then|else)\s*){100}/.exec(text);
  return chained
    ? {
        message: 'There are too many operators in a row.',
        ...positionAt(text, Buffer.byteLength(text.slice(0, chained.index))),
      }
    : undefined;
}

function countProblem(count: number, scope: RuleScope): string | undefined {
  if (scope.type === 'central') {
    return count > RULE_LIMITS.rules
      ? `There are ${count} rules; a text may have ${RULE_LIMITS.rules}. Divide it.`
      : undefined;
  }
  return count > RULE_LIMITS.rulesOfEntity
    ? `There are ${count} rules; an entity may have ${RULE_LIMITS.rulesOfEntity}. More belong in a central text.`
    : undefined;
}

function annotationProblem(
  annotations: Record<string, string | undefined>,
): string | undefined {
  const unknown = Object.keys(annotations).find(
    key => !ANNOTATIONS.includes(key),
  );
  if (unknown) {
    return `There is no @${unknown}. A rule has @id, @reason, @ask and @mode.`;
  }
  const { reason, mode, ask } = annotations;
  if (!reason?.trim()) {
    return 'Say why in a sentence: @reason("Refunds above 200 EUR are for people.")';
  }
  if (reason.length > 500 || (ask?.length ?? 0) > 200) {
    return 'A @reason has at most 500 characters, an @ask 200.';
  }
  if (mode !== undefined && !RULE_MODES.includes(mode as RuleMode)) {
    return `@mode("${mode}") is none of ${RULE_MODES.join(', ')}.`;
  }
  return undefined;
}

/** Works the scope of the text into the policy, so that Cedar itself keeps to it. */
function inScope(
  policy: Policy,
  scope: RuleScope,
): Pick<Rule, 'policy' | 'agentRef' | 'toolRef'> {
  const agentRef =
    namedIn(policy.principal, 'Agent', 'principal') ??
    (scope.type === 'agent' ? scope.agentRef : undefined);
  const toolRef =
    namedIn(policy.resource, 'Tool', 'resource') ??
    (scope.type === 'tool' ? scope.toolRef : undefined);
  if (scope.type === 'agent' && agentRef !== scope.agentRef) {
    throw new RuleFaultError(
      `The rules of ${scope.agentRef} may not speak about ${agentRef}. Its owner or a central text can.`,
    );
  }
  if (scope.type === 'tool' && toolRef !== scope.toolRef) {
    throw new RuleFaultError(
      `The rules of ${scope.toolRef} may not speak about ${toolRef}. Its owner or a central text can.`,
    );
  }
  return {
    ...(agentRef && { agentRef }),
    ...(toolRef && { toolRef }),
    ...(scope.type === 'server' && { serverRef: scope.serverRef }),
    policy: {
      ...policy,
      principal: agentRef ? equal('Agent', agentRef) : policy.principal,
      resource: toolRef ? equal('Tool', toolRef) : policy.resource,
      conditions:
        scope.type === 'server'
          ? [ofServer(scope.serverRef), ...policy.conditions]
          : policy.conditions,
    },
  };
}

function equal(type: string, id: string) {
  return { op: '==', entity: { type, id } };
}

function ofServer(serverRef: string) {
  const server = { '.': { left: { Var: 'resource' }, attr: 'server' } };
  return {
    kind: 'when',
    body: { '==': { left: server, right: { Value: serverRef } } },
  };
}

/** The one entity that a scope names, if it names one. */
function namedIn(
  constraint: Policy['principal'],
  type: string,
  what: string,
): string | undefined {
  if (constraint.op === '==' && 'entity' in constraint) {
    const { entity } = constraint;
    const named = '__entity' in entity ? entity.__entity : entity;
    if (named.type === type) {
      if (!/^[a-z]+:[^/]+\/.+$/.test(named.id) || /[A-Z]/.test(named.id)) {
        throw new RuleFaultError(
          `${type}::"${
            named.id
          }" is no full entity ref in lower case, such as ${
            type === 'Tool' ? 'tool:default/crm.refund' : 'agent:default/helper'
          }.`,
        );
      }
      return named.id;
    }
  }
  if (constraint.op === 'All' || constraint.op === 'is') {
    return undefined;
  }
  throw new RuleFaultError(
    `Write ${what}, or ${what} == ${type}::"…"; there are no groups of them.`,
  );
}

function readsOf(policy: Policy): Pick<Rule, 'reads' | 'needs' | 'parts'> {
  const { paths, parts } = contextPaths(policy);
  const calls = new Set<string>();
  const sums = new Map<string, { toolRef: string; path: string }>();
  for (const path of paths) {
    const [part, kind, toolRef, ...rest] = path;
    if (!part) {
      throw new RuleFaultError(
        'Name what of the context is meant, such as context.args.amount.',
      );
    }
    if (part !== 'session') {
      continue;
    }
    const isSum = kind === 'sums';
    if (!kind || !toolRef || (isSum && !rest.length)) {
      throw new RuleFaultError(
        'Name the tool: context.session.calls["tool:default/crm.refund"].hour, or for sums the argument too: context.session.sums["tool:default/crm.refund"]["amount"].session.',
      );
    }
    const window = isSum ? rest[1] : rest[0];
    if (window && !WINDOWS.includes(window)) {
      throw new RuleFaultError(
        `There is no ${window} of calls: there are ${WINDOWS.join(', ')}.`,
      );
    }
    if (isSum) {
      sums.set(`${toolRef} ${rest[0]}`, { toolRef, path: rest[0] });
    } else {
      calls.add(toolRef);
    }
  }
  if (calls.size + sums.size > RULE_LIMITS.counted) {
    throw new RuleFaultError(
      `It counts calls of more than ${RULE_LIMITS.counted} tools. Make several rules of it.`,
    );
  }
  const needs: HistoryNeeds = { calls: [...calls], sums: [...sums.values()] };
  const reads = new Map(
    paths.map(([part, field]): [string, [string, string?]] => [
      JSON.stringify([part, field]),
      field === undefined ? [part] : [part, field],
    ]),
  );
  return { reads: [...reads.values()], needs, parts };
}

/** A problem at the first place where some words stand. */
function at(text: string, words: string, message: string): RuleProblem {
  const index = Math.max(0, text.indexOf(words));
  return {
    message,
    ...positionAt(text, Buffer.byteLength(text.slice(0, index))),
  };
}

/** What Cedar says of a place, in one sentence. */
export function toProblem(
  text: string,
  error: {
    message: string;
    help: string | null;
    sourceLocations?: Array<{ start: number; label: string | null }>;
  },
): RuleProblem {
  const [place] = error.sourceLocations ?? [];
  const label = place?.label ? ` (${place.label})` : '';
  return {
    message: inWords(
      `${error.message}${label}${error.help ? `: ${error.help}` : ''}`,
    ),
    ...positionAt(text, place?.start ?? 0),
  };
}
