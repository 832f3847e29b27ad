import type { Turn } from '../conversation/turns';
import { fillFromText, type FillContext } from '../arguments/fill';
import { valuesInResult } from '../arguments/carry';
import {
  plainSchema,
  readParameters,
  typeOf,
  type Schema,
} from '../arguments/parameter';
import { readData } from './data';

/** An object in the asked form, or the names of what is not known. */
export type Structured =
  | { kind: 'object'; value: Record<string, unknown> }
  | { kind: 'unknown'; missing: string[] };

function allowsNull(schema: Schema): boolean {
  return (
    [schema.type ?? []].flat().includes('null') ||
    (schema.anyOf ?? schema.oneOf ?? []).some(
      branch => branch.type === 'null',
    ) ||
    (schema.enum?.includes(null) ?? false)
  );
}

/** The property that takes the answer in words, when the schema has one. */
function wordsProperty(schema: Schema): string | undefined {
  return Object.entries(schema.properties ?? {}).find(
    ([name, property]) =>
      /^(?:answer|response|reply|text|message|output|summary|content)$/i.test(
        name,
      ) && typeOf(plainSchema(property, schema)) === 'string',
  )?.[0];
}

/**
 * Fills a JSON Schema from what the tools gave back and what the person wrote. What neither says stays null where
 * the schema allows it; a required property that cannot be known is reported rather than invented.
 */
export function structuredAnswer(
  schema: Schema,
  turn: Turn,
  answer: string,
  now: Date,
): Structured {
  const context: FillContext = {
    now,
    vocabulary: new Set(),
    subject: new Set(),
  };
  const parameters = readParameters(schema);
  const said = fillFromText(parameters, turn.question, context).values;
  const value: Record<string, unknown> = {};
  const missing: string[] = [];
  const words = wordsProperty(schema);
  for (const parameter of parameters) {
    const { name } = parameter;
    if (name === words) {
      value[name] = answer;
      continue;
    }
    const found = [...turn.calls].reverse().flatMap(call => {
      const data = readData(call.result);
      if (data.kind === 'record' && name in data.row) return [data.row[name]];
      if (data.kind === 'rows' && parameter.kind === 'list') return [data.rows];
      return valuesInResult(parameter, call);
    })[0];
    const known = found ?? said.get(name)?.value ?? parameter.schema.default;
    const given = schema.properties?.[name] ?? {};
    if (known !== undefined) value[name] = known;
    else if (allowsNull(given)) value[name] = null;
    else if (parameter.kind === 'list' && parameter.required) value[name] = [];
    else if (parameter.required) missing.push(name);
  }
  return missing.length
    ? { kind: 'unknown', missing }
    : { kind: 'object', value };
}
