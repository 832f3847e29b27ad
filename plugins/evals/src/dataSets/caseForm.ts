import type { EvalCase, EvalCheck } from '@agentportal/plugin-evals-common';

/** A case as the fields of a form; what has no field of its own is in `rest`, as JSON. */
export interface CaseForm {
  id: string;
  ask: string;
  /** One a line; ways to say the same are parted by ` | `. */
  facts: string;
  tool: string;
  /** JSON, or empty. */
  arguments: string;
  decline: boolean;
  /** What the model that judges is asked of the answer. */
  judge: string;
  /** An answer that it is held against. */
  against: string;
  /** Parted by commas. */
  tags: string;
  /** JSON, or empty. */
  rest: string;
}

const OR = ' | ';
const NUMBER = /^-?\d+(\.\d+)?$/;
const LONGEST_ID = 60;

type Fact = NonNullable<EvalCase['facts']>[number];

function factLine(fact: Fact): string {
  return Array.isArray(fact) ? fact.join(OR) : String(fact);
}

function factOf(text: string): string | number {
  return NUMBER.test(text) && String(Number(text)) === text
    ? Number(text)
    : text;
}

function factsOf(text: string): Fact[] {
  return linesOf(text, '\n').map(line => {
    const ways = linesOf(line, OR).map(factOf);
    return ways.length === 1 ? ways[0] : ways;
  });
}

function linesOf(text: string, separator: string): string[] {
  return text
    .split(separator)
    .map(line => line.trim())
    .filter(Boolean);
}

/** Whether the form gives the facts back as they were. */
function fits(facts: Fact[]): boolean {
  return (
    JSON.stringify(factsOf(facts.map(factLine).join('\n'))) ===
    JSON.stringify(facts)
  );
}

/** The first check of a judge that says no more than the fields hold. */
function judgedBy(checks: EvalCheck[] = []): EvalCheck | undefined {
  return checks.find(
    ({ against: _, evaluator, value, ...more }) =>
      evaluator === 'judge' &&
      typeof value === 'string' &&
      Object.keys(more).length === 0,
  );
}

const pretty = (value: unknown) => JSON.stringify(value, null, 2);

/** The form of a case that is there. */
export function formOf(evalCase: EvalCase): CaseForm {
  const {
    arguments: args,
    ask,
    checks,
    decline,
    facts,
    id,
    tags,
    tool,
    ...others
  } = evalCase;
  const judged = judgedBy(checks);
  const otherChecks = checks?.filter(check => check !== judged);
  const rest: Omit<Partial<EvalCase>, 'id'> = {
    ...others,
    // What the fields cannot hold stays as it is.
    ...(facts && !fits(facts) && { facts }),
    ...(Array.isArray(tool) && { tool }),
    ...(otherChecks?.length && { checks: otherChecks }),
  };
  return {
    id,
    ask: ask ?? '',
    facts: facts && fits(facts) ? facts.map(factLine).join('\n') : '',
    tool: typeof tool === 'string' ? tool : '',
    arguments: args ? pretty(args) : '',
    decline: decline ?? false,
    judge: judged ? String(judged.value) : '',
    against: judged?.against ?? '',
    tags: tags?.join(', ') ?? '',
    rest: Object.keys(rest).length > 0 ? pretty(rest) : '',
  };
}

/** An id for a case that has none yet, out of its question. */
export function idOf(ask: string): string {
  return ask
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST_ID)
    .replace(/^-+|-+$/g, '');
}

function objectOf(text: string, what: string): Record<string, unknown> {
  if (!text.trim()) {
    return {};
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${what} is no JSON`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`${what} must be an object in braces`);
  }
  return value as Record<string, unknown>;
}

/**
 * The case that a form says; whether its fields are as they must be is for the backend to say.
 *
 * @throws Error where JSON in it cannot be read, in words for the person who typed it
 */
export function caseOf(form: CaseForm): EvalCase {
  const args = objectOf(form.arguments, 'What the tool is called with');
  const facts = factsOf(form.facts);
  const tags = linesOf(form.tags, ',');
  const { checks, ...rest } = objectOf(
    form.rest,
    'The rest',
  ) as Partial<EvalCase>;
  const value = form.judge.trim();
  const against = form.against.trim();
  if (against && !value) {
    throw new Error('Say what the judge looks at when it compares the answers');
  }
  const judged: EvalCheck[] = value
    ? [{ evaluator: 'judge', value, ...(against && { against }) }]
    : [];
  // What is no list is for the backend to refuse.
  const all = Array.isArray(checks ?? [])
    ? [...(checks ?? []), ...judged]
    : checks;
  return {
    ...rest,
    id: form.id.trim(),
    ...(form.ask.trim() && { ask: form.ask.trim() }),
    ...(facts.length > 0 && { facts }),
    ...(form.tool.trim() && { tool: form.tool.trim() }),
    ...(form.arguments.trim() && { arguments: args }),
    ...(form.decline && { decline: true }),
    ...(all?.length && { checks: all }),
    ...(tags.length > 0 && { tags }),
  };
}
