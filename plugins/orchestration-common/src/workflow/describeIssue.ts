import { nearestName } from '@agentportal/plugin-agents-common';
import type { z } from 'zod/v4';
import {
  fieldsOfNode,
  fieldsOfPattern,
  WORKFLOW_NODE_TYPES,
  WORKFLOW_PATTERNS,
  type WorkflowNodeType,
  type WorkflowPattern,
} from './schema';
import type { WorkflowProblem } from './validate';

const TYPES: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of fields',
  record: 'a map of fields',
};

/** Place and node, as messages begin. */
export function labelOf(path: string, nodeId?: string): string {
  return nodeId ? `${path || 'nodes'} (node ${nodeId})` : path;
}

/** What the schema found wrong, in words. */
export function describeIssue(
  issue: z.core.$ZodIssue,
  workflow: unknown,
): WorkflowProblem[] {
  const keys = issue.path as Array<string | number>;
  const about = valueAt(workflow, keys);
  const nodeId = nodeAt(workflow, keys);
  const say = (message: string, more: string[] = []): WorkflowProblem => {
    const path = pathOf([...keys, ...more]);
    return {
      path,
      ...(nodeId && { nodeId }),
      message: `${labelOf(path, nodeId) || 'the workflow'} ${message}`,
    };
  };
  switch (issue.code) {
    case 'invalid_union':
      return 'discriminator' in issue && issue.discriminator
        ? [say(unknownWord(keys.at(-1) === 'pattern', about))]
        : // The form that it comes nearest to has the fewest faults.
          nearestForm(issue.errors).flatMap(inner =>
            describeIssue(
              { ...inner, path: [...keys, ...inner.path] } as never,
              workflow,
            ),
          );
    case 'unrecognized_keys':
      return issue.keys.map(key => {
        const known = knownFields(about);
        const near = nearestName(key, known);
        return say(
          near
            ? `is no field; did you mean ${near}?`
            : `is no field${
                known.length ? `; there are ${known.join(', ')}` : ''
              }`,
          [key],
        );
      });
    case 'invalid_type':
      return [
        say(
          about === undefined
            ? 'is missing'
            : `must be ${
                TYPES[issue.expected] ?? issue.expected
              }, but is ${shown(about)}`,
        ),
      ];
    case 'invalid_value':
      return [
        say(
          `is ${shown(about)}, but must be one of ${issue.values.join(', ')}`,
        ),
      ];
    case 'too_big':
    case 'too_small': {
      const [limit, most] =
        issue.code === 'too_big'
          ? [issue.maximum, 'at most']
          : [issue.minimum, 'at least'];
      const unit =
        { string: 'characters', array: 'items' }[issue.origin as string] ?? '';
      return [
        say(
          unit
            ? `must have ${limit} ${unit} ${most}`
            : `is ${shown(about)}, but must be ${
                issue.inclusive === false ? 'more than' : most
              } ${limit}`,
        ),
      ];
    }
    case 'invalid_format':
      return [
        say(
          `is ${shown(
            about,
          )}, but must begin with a letter and hold only letters, digits, - and _`,
        ),
      ];
    default:
      return [say(issue.message)];
  }
}

function unknownWord(isPattern: boolean, value: unknown): string {
  const known: readonly string[] = isPattern
    ? WORKFLOW_PATTERNS
    : WORKFLOW_NODE_TYPES;
  const near = typeof value === 'string' && nearestName(value, known);
  return value === undefined
    ? `is missing; there are ${known.join(', ')}`
    : `is ${shown(value)}, and there is no such ${
        isPattern ? 'pattern' : 'type of node'
      }; ${near ? `did you mean ${near}?` : `there are ${known.join(', ')}`}`;
}

function nearestForm(forms: z.core.$ZodIssue[][]): z.core.$ZodIssue[] {
  // A fault deep inside tells that the outside was right.
  const depth = (issues: z.core.$ZodIssue[]) =>
    Math.max(0, ...issues.map(({ path }) => path.length));
  return (
    [...forms].sort((a, b) => depth(b) - depth(a) || a.length - b.length)[0] ??
    []
  );
}

function knownFields(about: unknown): string[] {
  const { type, pattern = 'graph' } = (about ?? {}) as Record<string, unknown>;
  if (WORKFLOW_NODE_TYPES.includes(type as never)) {
    return fieldsOfNode(type as WorkflowNodeType);
  }
  return type === undefined &&
    WORKFLOW_PATTERNS.includes(pattern as never) &&
    typeof about === 'object' &&
    ('pattern' in about! || 'nodes' in about!)
    ? fieldsOfPattern(pattern as WorkflowPattern)
    : [];
}

function valueAt(value: unknown, keys: Array<string | number>): unknown {
  return keys.reduce<unknown>(
    (each, key) =>
      each !== null && typeof each === 'object'
        ? (each as Record<string | number, unknown>)[key]
        : undefined,
    value,
  );
}

/** The innermost node on the way to a place. */
function nodeAt(
  workflow: unknown,
  keys: Array<string | number>,
): string | undefined {
  for (let length = keys.length; length > 0; length -= 1) {
    if (keys[length - 2] === 'nodes') {
      const id = (valueAt(workflow, keys.slice(0, length)) as { id?: unknown })
        ?.id;
      return typeof id === 'string' ? id.slice(0, 50) : undefined;
    }
  }
  return undefined;
}

function pathOf(keys: Array<string | number>): string {
  return keys.reduce<string>(
    (path, key) =>
      typeof key === 'number'
        ? `${path}[${key}]`
        : `${path}${path && '.'}${String(key).slice(0, 100)}`,
    '',
  );
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
