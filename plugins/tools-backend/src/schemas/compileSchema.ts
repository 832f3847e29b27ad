import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { RE2JS } from 're2js';
import { fromDraft4 } from './fromDraft4';
import { refuseHugeSchema } from './refuseHugeSchema';

/** An `anyOf` fails in each of its branches. */
const MAX_PROBLEMS = 5;

const options = {
  // All of them may be more than a process's memory.
  allErrors: false,
  // Servers put their own keywords and formats into schemas.
  strict: false,
  logger: false,
  code: { regExp: Object.assign(linearRegExp, { code: 'linearRegExp' }) },
} as const;

/** Know the rules for schemas, which take long to compile. */
const draft2020 = new Ajv2020(options);
const draft7 = new Ajv(options);

/**
 * Compiles a JSON Schema of any draft from 4 to 2020-12, the default of MCP. To be
 * called where foreign schemas may take their time: in a worker.
 *
 * @param options.isNew - whether the schema itself is to be checked
 * @throws Error when it is no valid schema, or not one that can be checked.
 */
export function compileSchema(
  schema: Record<string, unknown>,
  { isNew }: { isNew: boolean },
): ValidateFunction {
  const draft = /draft-0([4-7])/.exec(String(schema.$schema ?? ''))?.[1];
  const isDraft7 = draft !== undefined;
  const rules = isDraft7 ? draft7 : draft2020;
  const { $schema, $id, ...given } = schema;
  const rest = fromDraft4(given, { hasIds: draft === '4' });
  if (isNew) {
    refuseHugeSchema(rest);
    if (!rules.validateSchema(rest)) {
      throw new Error(rules.errorsText(rules.errors, { dataVar: 'schema' }));
    }
  }
  // One for each schema: the $ids of one server must not meet another's.
  const own = { ...options, validateSchema: false };
  return addFormats(isDraft7 ? new Ajv(own) : new Ajv2020(own)).compile(rest);
}

/**
 * Patterns of strangers run in linear time. What has no such form, as look-ahead, is
 * left to the server, which checks its arguments anyway.
 */
function linearRegExp(pattern: string) {
  const compiled = compilePattern(pattern);
  return {
    test: (text: string) => compiled?.test(text) ?? true,
    // Ajv tells patterns apart by this.
    toString: () => pattern,
  };
}

function compilePattern(pattern: string): RE2JS | undefined {
  try {
    return RE2JS.compile(RE2JS.translateRegExp(pattern));
  } catch {
    return undefined;
  }
}

/** What is wrong with a value, in words that a model or a person can act on. */
export function describeErrors(errors: ErrorObject[] | null | undefined) {
  const problems = (errors ?? []).slice(0, 10 * MAX_PROBLEMS).map(describe);
  const unique = [...new Set(problems)];
  const shown = unique.slice(0, MAX_PROBLEMS);
  if (unique.length > MAX_PROBLEMS) {
    shown.push(`and ${unique.length - MAX_PROBLEMS} more`);
  }
  return shown.join('; ');
}

function describe(error: ErrorObject): string {
  const where = error.instancePath.slice(1).replaceAll('/', '.');
  const at = (name: string) => (where ? `${where}.${name}` : name);
  switch (error.keyword) {
    case 'required':
      return `"${at(error.params.missingProperty)}" is missing`;
    case 'additionalProperties':
      return `"${at(error.params.additionalProperty)}" is not known`;
    case 'enum':
      return `"${where}" must be one of ${error.params.allowedValues
        .map((value: unknown) => JSON.stringify(value))
        .join(', ')}`;
    default:
      return `"${where || 'the arguments'}" ${error.message}`;
  }
}
