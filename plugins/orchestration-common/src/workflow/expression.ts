import { WORKFLOW_LIMITS, type WorkflowCondition } from './schema';

/**
 * What references are looked up in: outputs by node, and `input`, `item`, `index`, `loop`.
 *
 * @public
 */
export type WorkflowScope = Record<string, unknown>;

/** A way to a value: names, positions in lists, and `*` for each of a list. */
export interface Reference {
  text: string;
  root: string;
  path: Array<string | number>;
}

/** One `{{ … }}`: the first reference that leads to something, else what is said behind `??`. */
export interface Expression {
  references: Reference[];
  /** Said in quotes or as a number, behind the references. */
  fallback?: string | number;
  text: string;
}

type Part = string | Expression;

const OPEN = '{{';
const CLOSE = '}}';
const REFERENCE = /^[A-Za-z][\w-]*(?:\.[A-Za-z_][\w-]*|\[(?:\d{1,6}|\*)\])*$/;

/** Why a template cannot be read, in a sentence. */
export class TemplateError extends Error {}

/**
 * Why there is no such value, in a sentence.
 *
 * @public
 */
export class ValueError extends Error {}

/** A reference that leads nowhere. */
class MissingValueError extends ValueError {}

/** Reads a text with `{{ … }}` in it. There is nothing to run: only ways to values. */
export function parseTemplate(template: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (;;) {
    const open = template.indexOf(OPEN, at);
    if (open < 0) {
      break;
    }
    const close = template.indexOf(CLOSE, open);
    if (close < 0) {
      throw new TemplateError(`has ${OPEN} without ${CLOSE}`);
    }
    parts.push(template.slice(at, open));
    parts.push(parseExpression(template.slice(open + 2, close).trim()));
    at = close + 2;
  }
  parts.push(template.slice(at));
  return parts.filter(part => part !== '');
}

function parseExpression(text: string): Expression {
  const alternatives = text.split('??').map(each => each.trim());
  const references: Reference[] = [];
  let fallback: string | number | undefined;
  alternatives.forEach((alternative, i) => {
    const literal = literalOf(alternative);
    if (literal !== undefined && i > 0 && i === alternatives.length - 1) {
      fallback = literal;
    } else {
      references.push(parseReference(alternative));
    }
  });
  return { references, text, ...(fallback !== undefined && { fallback }) };
}

function literalOf(text: string): string | number | undefined {
  const quoted = /^'([^']*)'$|^"([^"]*)"$/.exec(text);
  if (quoted) {
    return quoted[1] ?? quoted[2];
  }
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
}

function parseReference(text: string): Reference {
  if (text.length > 300 || !REFERENCE.test(text)) {
    throw new TemplateError(
      `has {{ ${text} }}, which is no way to a value; write it like {{ find.orders[0].id }}, with ?? and a text in quotes behind it for when it is not there`,
    );
  }
  const [root, ...path] = [...text.matchAll(/[^.[\]]+/g)].map(([part]) =>
    /^\d+$/.test(part) ? Number(part) : part,
  );
  return { text, root: String(root), path };
}

/** All expressions in a value, with the field that each is in. */
export function expressionsIn(
  value: unknown,
  field: string,
): Array<{ field: string; expression: Expression }> {
  if (typeof value === 'string') {
    return parseTemplate(value)
      .filter(part => typeof part !== 'string')
      .map(expression => ({ field, expression }));
  }
  if (value === null || typeof value !== 'object') {
    return [];
  }
  return Object.entries(value).flatMap(([key, each]) =>
    expressionsIn(
      each,
      Array.isArray(value) ? `${field}[${key}]` : `${field}.${key}`,
    ),
  );
}

/**
 * What the references in a template begin with: ids of nodes, mostly.
 *
 * @public
 */
export function rootsIn(template: string): string[] {
  return expressionsIn(template, '').flatMap(({ expression }) =>
    expression.references.map(({ root }) => root),
  );
}

/**
 * A value with everything in place of its references. A text that is one reference and
 * nothing else becomes what the reference leads to; elsewhere it becomes text.
 *
 * @throws ValueError when one leads nowhere, or what comes of it is too large
 *
 * @public
 */
export function evaluate(value: unknown, scope: WorkflowScope): unknown {
  const filled = fill(value, scope);
  // Values that are put together of themselves grow twice as large each time.
  if (value !== null && typeof value === 'object') {
    requireRoom(filled, WORKFLOW_LIMITS.characters);
  }
  return filled;
}

function fill(value: unknown, scope: WorkflowScope): unknown {
  if (typeof value === 'string') {
    const parts = parseTemplate(value);
    if (parts.length === 1 && typeof parts[0] !== 'string') {
      return lookUp(parts[0], scope);
    }
    let text = '';
    for (const part of parts) {
      text += typeof part === 'string' ? part : toText(lookUp(part, scope));
      requireRoom(text, WORKFLOW_LIMITS.characters);
    }
    return text;
  }
  if (Array.isArray(value)) {
    return value.map(each => fill(each, scope));
  }
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, fill(each, scope)]),
    );
  }
  return value;
}

/**
 * Counts the characters of a value, and no further than there is room.
 *
 * @returns how many are left
 * @throws ValueError when there is not enough
 * @public
 */
export function requireRoom(value: unknown, room: number): number {
  let left = room - 1;
  if (typeof value === 'string') {
    left -= value.length;
  } else if (value !== null && typeof value === 'object') {
    for (const [key, each] of Object.entries(value)) {
      left = requireRoom(each, left - key.length);
    }
  }
  if (left < 0) {
    throw new ValueError(
      `it would have more than ${WORKFLOW_LIMITS.characters} characters; keep less of what came before`,
    );
  }
  return left;
}

/**
 * A template as text.
 *
 * @public
 */
export function evaluateText(template: string, scope: WorkflowScope): string {
  return toText(evaluate(template, scope));
}

/**
 * What people read of a value: a list of texts as lines, an answer as its text, else JSON.
 *
 * @public
 */
export function toText(value: unknown): string {
  if (value === undefined || value === null) {
    return '';
  }
  if (Array.isArray(value)) {
    return value
      .map(each => toText(each))
      .filter(Boolean)
      .join('\n');
  }
  if (typeof value === 'object') {
    const { text } = value as { text?: unknown };
    return typeof text === 'string' ? text : JSON.stringify(value);
  }
  return String(value);
}

function lookUp(expression: Expression, scope: WorkflowScope): unknown {
  for (const reference of expression.references) {
    const value = follow(reference, scope);
    if (value !== undefined && value !== null) {
      return value;
    }
  }
  if (expression.fallback !== undefined) {
    return expression.fallback;
  }
  const last = expression.references.at(-1)!;
  throw new MissingValueError(
    `{{ ${expression.text} }} leads nowhere: ${whereItEnds(last, scope)}`,
  );
}

function follow({ root, path }: Reference, scope: WorkflowScope): unknown {
  let value: unknown = own(scope, root);
  for (const [i, step] of path.entries()) {
    if (step === '*') {
      return Array.isArray(value)
        ? value
            .map(each =>
              follow(
                { text: '', root: 'each', path: path.slice(i + 1) },
                { each },
              ),
            )
            .filter(each => each !== undefined)
        : undefined;
    }
    value = own(value, step);
  }
  return value;
}

/** Never what a value inherits. */
function own(value: unknown, key: string | number): unknown {
  return value !== null &&
    (typeof value === 'object' ||
      (typeof value === 'string' && key === 'length')) &&
    Object.hasOwn(value as object, key)
    ? (value as Record<string | number, unknown>)[key]
    : undefined;
}

function whereItEnds({ root, path }: Reference, scope: WorkflowScope): string {
  let value = own(scope, root);
  if (value === undefined) {
    return `there is no ${root} yet`;
  }
  let shown = root;
  for (const step of path) {
    const next = own(value, step);
    if (next === undefined || next === null) {
      const keys =
        typeof value === 'object' && value !== null && !Array.isArray(value)
          ? Object.keys(value).slice(0, 20)
          : [];
      return keys.length
        ? `${shown} has ${keys.join(', ')}, but no ${step}`
        : `${shown} has no ${step}`;
    }
    shown += typeof step === 'number' ? `[${step}]` : `.${step}`;
    value = next;
  }
  return `${shown} is empty`;
}

/**
 * Whether a condition is true.
 *
 * @public
 */
export function holds(
  condition: WorkflowCondition,
  scope: WorkflowScope,
): boolean {
  if ('all' in condition && condition.all) {
    return condition.all.every(each => holds(each, scope));
  }
  if ('any' in condition && condition.any) {
    return condition.any.some(each => holds(each, scope));
  }
  if ('not' in condition && condition.not) {
    return !holds(condition.not, scope);
  }
  return compares(condition as Record<string, unknown>, scope);
}

function compares(
  { value: template, ...given }: Record<string, unknown>,
  scope: WorkflowScope,
): boolean {
  const [[operator, operand]] = Object.entries(given);
  // Whether something is there may be asked of what is not there.
  const value =
    operator === 'exists' || operator === 'empty'
      ? orUndefined(template, scope)
      : evaluate(template, scope);
  const other = evaluate(operand, scope);
  switch (operator) {
    case 'is':
      return same(value, other);
    case 'isNot':
      return !same(value, other);
    case 'in':
      return (other as unknown[]).some(each => same(value, each));
    case 'contains':
      return Array.isArray(value)
        ? value.some(each => same(each, other))
        : lower(value).includes(lower(other));
    case 'startsWith':
      return lower(value).startsWith(lower(other));
    case 'endsWith':
      return lower(value).endsWith(lower(other));
    case 'greaterThan':
      return compare(value, other) > 0;
    case 'atLeast':
      return compare(value, other) >= 0;
    case 'lessThan':
      return compare(value, other) < 0;
    case 'atMost':
      return compare(value, other) <= 0;
    case 'exists':
      return (value !== undefined) === other;
    default:
      return isEmpty(value) === other;
  }
}

function orUndefined(template: unknown, scope: WorkflowScope): unknown {
  try {
    return evaluate(template, scope);
  } catch (error) {
    if (error instanceof MissingValueError) {
      return undefined;
    }
    throw error;
  }
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    value === '' ||
    (typeof value === 'object' &&
      value !== null &&
      Object.keys(value).length === 0)
  );
}

function lower(value: unknown): string {
  return toText(value).toLocaleLowerCase('en-US');
}

/** Texts without case, and numbers also where one of them is written as text. */
function same(a: unknown, b: unknown): boolean {
  return typeof a === 'object' || typeof b === 'object'
    ? JSON.stringify(a) === JSON.stringify(b)
    : lower(a) === lower(b) || compare(a, b) === 0;
}

/** Numbers as numbers, all else (dates in ISO 8601 too) as text; NaN for what has no order. */
function compare(a: unknown, b: unknown): number {
  const [x, y] = [toNumber(a), toNumber(b)];
  if (x !== undefined && y !== undefined) {
    return x - y;
  }
  return typeof a === 'string' && typeof b === 'string'
    ? a.localeCompare(b, 'en-US')
    : NaN;
}

function toNumber(value: unknown): number | undefined {
  if (typeof value === 'number') {
    return value;
  }
  return typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value.trim())
    ? Number(value)
    : undefined;
}
