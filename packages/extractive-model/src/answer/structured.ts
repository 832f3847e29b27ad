import type { Turn } from '../conversation/turns';
import { valuesInResult } from '../plan/carry';
import { NOTHING_KNOWN, fillSlots } from '../slots/fill';
import { plainSchema, readSlots, typeOf, type Schema } from '../slots/slot';
import type { Reading } from '../text/reading';
import { readData } from './data';

/** An object in the asked form, or the names of what is not known. */
export type Structured =
  | { kind: 'object'; value: Record<string, unknown> }
  | { kind: 'unknown'; missing: string[] };

function allowsNull(schema: Schema): boolean {
  return (
    [schema.type ?? []].flat().includes('null') ||
    (schema.anyOf ?? schema.oneOf ?? []).some(
      branch => branch?.type === 'null',
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
  read: (text: string) => Reading,
): Structured {
  const slots = readSlots(schema);
  const said = fillSlots(slots, read(turn.question), NOTHING_KNOWN).values;
  const value: Record<string, unknown> = {};
  const missing: string[] = [];
  const words = wordsProperty(schema);
  for (const slot of slots) {
    const { name } = slot;
    if (name === words) {
      value[name] = answer;
      continue;
    }
    const found = [...turn.calls].reverse().flatMap(call => {
      const data = readData(call.result);
      if (data.kind === 'record' && Object.hasOwn(data.row, name))
        return [data.row[name]];
      if (data.kind === 'rows' && slot.kind === 'list') return [data.rows];
      return valuesInResult(slot, call);
    })[0];
    const own = said.get(name);
    const known =
      found ??
      (own && own.sure !== 'guess' ? own.value : undefined) ??
      slot.schema.const ??
      slot.schema.default;
    if (known !== undefined) value[name] = known;
    else if (allowsNull(schema.properties?.[name] ?? {})) value[name] = null;
    else if (slot.kind === 'list' && slot.required) value[name] = [];
    else if (slot.required) missing.push(name);
  }
  return missing.length
    ? { kind: 'unknown', missing }
    : { kind: 'object', value };
}
