import type { RJSFSchema, UiSchema } from '@rjsf/utils';

const SIMPLE = ['string', 'number', 'integer', 'boolean'];

const JSON_FIELD: UiSchema = {
  'ui:field': 'json',
  'ui:fieldReplacesAnyOrOneOf': true,
};

/**
 * Which field of the form each argument gets: widgets for simple values, a nested
 * form for objects, lines for lists of words. Anything else is written as JSON,
 * because a form of alternatives in alternatives is harder to read than JSON is.
 */
export function uiSchemaOf(schema: RJSFSchema): UiSchema {
  const { properties = {} } = schema;
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [
      name,
      typeof property === 'boolean' ? JSON_FIELD : fieldOf(property),
    ]),
  );
}

function fieldOf(schema: RJSFSchema): UiSchema {
  const { type, items } = schema;
  const isOneType = typeof type === 'string';
  if (schema.anyOf || schema.oneOf || schema.allOf || schema.$ref) {
    return JSON_FIELD;
  }
  if (schema.enum || (isOneType && SIMPLE.includes(type))) return {};
  if (type === 'object' && schema.properties) return uiSchemaOf(schema);
  const isWords =
    type === 'array' &&
    typeof items === 'object' &&
    !Array.isArray(items) &&
    items.type === 'string';
  return isWords ? { 'ui:field': 'lines' } : JSON_FIELD;
}
