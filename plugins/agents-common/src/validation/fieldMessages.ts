import type { ErrorObject } from 'ajv';
import { nearestName } from './nearestName';

/**
 * Says in one sentence what is wrong with a field and what would be right.
 * Returns `undefined` for errors that only repeat another one.
 */
export function fieldMessage(error: ErrorObject): string | undefined {
  const field = fieldName(error.instancePath);
  switch (error.keyword) {
    case 'if':
    case 'anyOf':
      return error.keyword === 'if'
        ? undefined
        : `${field} must be text, or { $text: ./file.md }`;
    case 'required':
      return missing(field, error.params.missingProperty);
    case 'enum':
      return `${field} is ${shown(error.data)}, but must be one of ${(
        error.params.allowedValues as unknown[]
      ).join(', ')}`;
    case 'discriminator':
      return `${field}.${error.params.tag} is ${shown(
        error.params.tagValue,
      )}, but must be one of ${tagsOf(error.parentSchema, error.params.tag)}`;
    case 'oneOf':
      return undefined;
    case 'const':
      return `${field} is ${shown(error.data)}, but must be ${shown(
        error.params.allowedValue,
      )}`;
    case 'type':
      return insideAlternative(error)
        ? undefined
        : `${field} must be ${typeInWords(error.params.type)}, but is ${shown(
            error.data,
          )}`;
    case 'minimum':
    case 'maximum': {
      const { minimum, maximum } = error.parentSchema as {
        minimum?: number;
        maximum?: number;
      };
      return `${field} is ${shown(error.data)}, which is out of range: ${range(
        minimum,
        maximum,
      )}`;
    }
    case 'additionalProperties':
      return unknownField(field, error);
    case 'minLength':
      return `${field} must not be empty`;
    case 'maxLength':
      return `${field} has ${
        (error.data as string).length
      } characters, but may have ${error.params.limit} at most`;
    case 'maxItems':
      return `${field} has ${
        (error.data as unknown[]).length
      } items, but may have ${error.params.limit} at most`;
    case 'minItems':
      return `${field} needs at least ${error.params.limit} item`;
    case 'pattern':
      return field.endsWith('.name')
        ? `${field} is ${shown(
            error.data,
          )}, but may hold only letters, digits, and - _ . between them`
        : `${field} is ${shown(error.data)}, but must not contain spaces`;
    default:
      return `${field} ${error.message}`;
  }
}

/** Where nothing of one's own may stand, because a rule that is not read is none. */
function unknownField(field: string, error: ErrorObject): string {
  const { additionalProperty } = error.params;
  const known = Object.keys(
    (error.parentSchema as { properties?: object }).properties ?? {},
  );
  const near = nearestName(additionalProperty, known);
  return near
    ? `Unknown field ${field}.${additionalProperty}; did you mean ${field}.${near}?`
    : `Unknown field ${field}.${additionalProperty}; there are ${known.join(
        ', ',
      )}`;
}

/** The words by which the alternatives of a field are told apart. */
function tagsOf(schema: unknown, tag: string): string {
  const { oneOf = [] } = schema as {
    oneOf?: Array<{ properties: Record<string, { const: string }> }>;
  };
  return oneOf.map(({ properties }) => properties[tag].const).join(', ');
}

/** `/spec/tools/0` becomes `spec.tools[0]`. */
export function fieldName(instancePath: string): string {
  const parts = instancePath
    .split('/')
    .slice(1)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return parts.reduce((path, part) => {
    if (/^\d+$/.test(part)) {
      return `${path}[${part}]`;
    }
    return path ? `${path}.${part}` : part;
  }, '');
}

function missing(parent: string, property: string): string {
  const field = parent ? `${parent}.${property}` : property;
  if (field === 'spec.sponsor') {
    return 'spec.sponsor is missing: an agent in production needs a person who answers for it, for example user:default/dana.lee';
  }
  if (field === 'spec.workflow') {
    return 'spec.workflow is missing: an agent of type workflow needs nodes or a pattern, for example { pattern: pipeline, agents: [agent:default/order-desk] }';
  }
  if (field === 'spec.candidates') {
    return 'spec.candidates is missing: a route needs the models that it leads to, for example [openai/gpt-5.1, builtin/extractive]';
  }
  return `${field} is missing`;
}

/** Errors of the branches of an `anyOf` are told once, by the `anyOf` itself. */
function insideAlternative(error: ErrorObject): boolean {
  return error.schemaPath.includes('/anyOf/');
}

function typeInWords(type: string | string[]): string {
  const words: Record<string, string> = {
    string: 'text',
    integer: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
    array: 'a list',
    object: 'a map of fields',
  };
  return [type]
    .flat()
    .map(t => words[t] ?? t)
    .join(' or ');
}

function range(minimum: number | undefined, maximum: number | undefined) {
  if (minimum !== undefined && maximum !== undefined) {
    return `it must be between ${minimum} and ${maximum}`;
  }
  return minimum !== undefined
    ? `it must be at least ${minimum}`
    : `it must be at most ${maximum}`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
