import { agentSchema } from './agentSchema';
import type { KindSchema } from './fields';
import { modelSchema } from './modelSchema';
import { toolSchema } from './toolSchema';

const KINDS = { Agent: agentSchema, Tool: toolSchema, Model: modelSchema };

/**
 * JSON Schema of a `catalog-info.yaml`, which may hold several documents of
 * several kinds; `schemas/catalog-info.schema.json` is made of it, for editors.
 */
export const catalogInfoSchema: KindSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Agent Portal catalog entities',
  allOf: Object.entries(KINDS).map(([kind, { $schema, $id, ...schema }]) => ({
    if: {
      required: ['kind', 'apiVersion'],
      properties: {
        kind: { const: kind },
        apiVersion: { const: 'agentportal.dev/v1alpha1' },
      },
    },
    then: schema,
  })),
};
