import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';

const OPTIONS = {
  allErrors: true,
  // Servers put their own keywords and formats into schemas.
  strict: false,
  // Schemas come from many servers; an $id of one must not meet another's.
  addUsedSchema: false,
  logger: false,
} as const;

const MAX_PROBLEMS = 5;

/**
 * Compiles a JSON Schema of any draft from 7 to 2020-12, the default of MCP.
 *
 * @throws Error when it is no valid schema.
 */
export function compileSchema(
  schema: Record<string, unknown>,
): ValidateFunction {
  const dialect = String(schema.$schema ?? '');
  const ajv = /draft-0[4-7]/.test(dialect)
    ? new Ajv(OPTIONS)
    : new Ajv2020(OPTIONS);
  addFormats(ajv);
  const { $schema, $id, ...rest } = schema;
  return ajv.compile(rest);
}

/** Compiled schemas by the hash of the tool that they belong to. */
export class SchemaCache {
  readonly #compiled = new Map<string, ValidateFunction>();

  get(key: string, schema: Record<string, unknown>): ValidateFunction {
    let validate = this.#compiled.get(key);
    if (!validate) {
      validate = compileSchema(schema);
      if (this.#compiled.size >= 1000) {
        this.#compiled.delete(this.#compiled.keys().next().value!);
      }
      this.#compiled.set(key, validate);
    }
    return validate;
  }
}

/** What is wrong with a value, in words that a model or a person can act on. */
export function problemsInWords(errors: ErrorObject[] | null | undefined) {
  const problems = (errors ?? []).map(inWords);
  const unique = [...new Set(problems)];
  const shown = unique.slice(0, MAX_PROBLEMS);
  if (unique.length > MAX_PROBLEMS) {
    shown.push(`and ${unique.length - MAX_PROBLEMS} more`);
  }
  return shown.join('; ');
}

function inWords(error: ErrorObject): string {
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
