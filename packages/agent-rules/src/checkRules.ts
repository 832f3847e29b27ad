import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import { only, shapeAt, shapeOf } from './ArgumentShape';
import { readRules, toProblem, type PlacedRule } from './readRules';
import {
  isPerCall,
  readsOf,
  type Rule,
  type RuledTool,
  type RuleProblem,
  type RuleScope,
} from './Rule';
import { ruleSchema } from './ruleSchema';

/** Enough to mend a text, and no more than a page shows. */
const MAX_PROBLEMS = 50;

/** @public */
export interface RuleText {
  text: string;
  /** What the ids of the rules begin with, such as `portal/refunds`. */
  name: string;
  scope: RuleScope;
}

/**
 * Reads a text of rules and holds each rule against the schemas of the tools that it is
 * about. With problems there are no rules: a text holds whole or not at all.
 *
 * It parses foreign text, so it belongs in a process of its own.
 *
 * @param tools - all tools that there are
 * @public
 */
export function checkRules(
  source: RuleText,
  tools: RuledTool[],
): { rules: Rule[]; problems: RuleProblem[] } {
  const { text } = source;
  const { rules: placed, problems } = readRules(source);
  if (!problems.length) {
    const byRef = new Map(tools.map(tool => [tool.ref, tool]));
    for (const each of placed) {
      problems.push(...unknownTools(each, byRef));
      problems.push(...toolsOfOthers(each, byRef, source.scope));
    }
  }
  if (!problems.length) {
    for (const [tool, about] of toolsToTry(placed, tools, source.scope)) {
      problems.push(...typeProblems(text, placed, about, tool));
      if (problems.length >= MAX_PROBLEMS) {
        break;
      }
    }
  }
  return problems.length
    ? { rules: [], problems: problems.slice(0, MAX_PROBLEMS) }
    : { rules: placed.map(({ rule }) => rule), problems };
}

function unknownTools(
  { rule, line, column }: PlacedRule,
  tools: Map<string, RuledTool>,
): RuleProblem[] {
  const id = rule.id.split('#')[1];
  const problem = (message: string, toolRef: string): RuleProblem => ({
    message,
    line,
    column,
    rule: id,
    toolRef,
  });
  const named = [
    ...(rule.toolRef ? [rule.toolRef] : []),
    ...rule.needs.calls,
    ...rule.needs.sums.map(({ toolRef }) => toolRef),
  ];
  const missing = [...new Set(named)]
    .filter(ref => !tools.has(ref))
    .map(ref =>
      problem(`There is no ${ref}. The list of tools has their names.`, ref),
    );
  const notNumbers = rule.needs.sums.flatMap(({ toolRef, path }) => {
    const tool = tools.get(toolRef);
    const kind = tool && shapeAt(shapeOf(tool.inputSchema), path)?.kind;
    return !tool || kind === 'decimal' || kind === 'integer'
      ? []
      : [problem(`${toolRef} has no number ${path} to sum.`, toolRef)];
  });
  return [...missing, ...notNumbers];
}

/** A server speaks about its own tools; only the list of tools says which they are. */
function toolsOfOthers(
  { rule, line, column }: PlacedRule,
  tools: Map<string, RuledTool>,
  scope: RuleScope,
): RuleProblem[] {
  const tool = rule.toolRef ? tools.get(rule.toolRef) : undefined;
  return scope.type !== 'server' || !tool || tool.serverRef === scope.serverRef
    ? []
    : [
        {
          message: `The rules of ${scope.serverRef} may not speak about ${tool.ref}. Its owner or a central text can.`,
          line,
          column,
          rule: rule.id.split('#')[1],
          toolRef: tool.ref,
        },
      ];
}

/**
 * Which rules to hold against which tools. One tool stands for all that are alike in
 * what these rules read of the arguments.
 */
function toolsToTry(
  placed: PlacedRule[],
  tools: RuledTool[],
  scope: RuleScope,
): Array<[RuledTool | undefined, PlacedRule[]]> {
  const general = placed.filter(
    ({ rule }) => rule.toolRef === undefined && !isPerCall(rule),
  );
  const tried = new Set<string>();
  const perTool = tools
    .filter(
      tool => scope.type !== 'server' || tool.serverRef === scope.serverRef,
    )
    .map((tool): [RuledTool, PlacedRule[]] => [
      tool,
      placed.filter(
        ({ rule }) =>
          rule.toolRef === tool.ref ||
          (rule.toolRef === undefined && isPerCall(rule)),
      ),
    ])
    .filter(([tool, about]) => {
      if (!about.length) {
        return false;
      }
      const key = likenessOf(tool, about);
      return !tried.has(key) && Boolean(tried.add(key));
    });
  return [
    ...(general.length
      ? [[undefined, general] as [undefined, PlacedRule[]]]
      : []),
    ...perTool,
  ];
}

function likenessOf({ inputSchema }: RuledTool, about: PlacedRule[]): string {
  const shape = shapeOf(inputSchema);
  const reads = readsOf(about.map(({ rule }) => rule));
  const parts = ['args', 'provenance'].filter(part => reads.has(part));
  const fields = parts.map(part => reads.get(part));
  const isWhole = fields.includes(undefined);
  const read = new Set(fields.flatMap(names => [...(names ?? [])]));
  return JSON.stringify([
    about.map(({ policyId }) => policyId),
    isWhole ? shape : Object.entries(only(shape, read).fields).sort(),
  ]);
}

function typeProblems(
  text: string,
  placed: PlacedRule[],
  about: PlacedRule[],
  tool: RuledTool | undefined,
): RuleProblem[] {
  const of = new Map(about.map(each => [each.policyId, each]));
  const answer = cedar.validate({
    schema: ruleSchema(tool && shapeOf(tool.inputSchema), {
      calls: placed.flatMap(({ rule }) => rule.needs.calls),
      sums: placed.flatMap(({ rule }) => rule.needs.sums),
    }),
    // The whole text, so that places are those of the text.
    policies: { staticPolicies: text },
  });
  if (answer.type === 'failure') {
    return answer.errors.map(error => ({
      ...toProblem(text, error),
      ...(tool && { toolRef: tool.ref }),
    }));
  }
  return answer.validationErrors
    .filter(({ policyId }) => of.has(policyId))
    .map(({ policyId, error }) => {
      const id = of.get(policyId)!.rule.id.split('#')[1];
      const problem = toProblem(text, error);
      return {
        ...problem,
        message: problem.message.replace(
          `for policy \`${policyId}\``,
          `in ${id}${tool ? ` for ${tool.ref}` : ''}`,
        ),
        rule: id,
        ...(tool && { toolRef: tool.ref }),
      };
    });
}
