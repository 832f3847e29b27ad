import type { JsonObject } from '@backstage/types';

/**
 * A JSON Schema of draft 2020-12, as far as editors and ajv both read it.
 *
 * @public
 */
export type KindSchema = JsonObject;

/** As long as the catalog keeps them. */
const MAX_REF_LENGTH = 255;

/** A field that holds one entity ref. */
export function entityRef(description: string, example: string): JsonObject {
  return {
    type: 'string',
    minLength: 1,
    maxLength: MAX_REF_LENGTH,
    pattern: '^\\S*$',
    description,
    examples: [example],
  };
}

/**
 * A field that holds a list of entity refs. Each of them becomes two relations of the
 * catalog, which works through them in one go, so there must be an end to them.
 */
export function entityRefs(
  description: string,
  example: string,
  maxItems: number,
): JsonObject {
  return {
    type: 'array',
    maxItems,
    description,
    items: {
      type: 'string',
      minLength: 1,
      maxLength: MAX_REF_LENGTH,
      pattern: '^\\S*$',
    },
    examples: [[example]],
  };
}

/** A field that takes one of a few words. */
export function oneOfWords(
  description: string,
  words: readonly string[],
): JsonObject {
  return { type: 'string', description, enum: [...words] };
}

/**
 * The envelope that every kind of ours shares. The catalog itself checks
 * `metadata` in depth; here it only helps editors to complete it.
 */
export function kindSchema(options: {
  kind: string;
  description: string;
  spec: JsonObject;
}): KindSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `https://agentportal.dev/schemas/${options.kind}.v1alpha1.schema.json`,
    title: options.kind,
    description: options.description,
    type: 'object',
    required: ['apiVersion', 'kind', 'metadata', 'spec'],
    properties: {
      apiVersion: { const: 'agentportal.dev/v1alpha1' },
      kind: { const: options.kind },
      metadata: {
        type: 'object',
        required: ['name'],
        properties: {
          name: {
            type: 'string',
            description:
              'Unique in its namespace; letters, digits, and - _ . between them, at most 63 characters.',
            pattern: '^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$',
            maxLength: 63,
          },
          namespace: { type: 'string' },
          title: { type: 'string', description: 'The name that people see.' },
          description: {
            type: 'string',
            description: 'What it is for, in a sentence or two.',
          },
          labels: { type: 'object', additionalProperties: true },
          annotations: {
            type: 'object',
            additionalProperties: { type: 'string' },
          },
          tags: { type: 'array', items: { type: 'string' } },
          links: { type: 'array', items: { type: 'object' } },
        },
      },
      spec: options.spec,
    },
  };
}
