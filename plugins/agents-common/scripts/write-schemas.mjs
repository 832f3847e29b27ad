// Writes the JSON Schemas of the kinds for editors, from the source that the
// catalog validates with. Run with Node 22 or newer: node scripts/write-schemas.mjs
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
require('@backstage/cli/config/nodeTransform.cjs');
const { agentSchema, toolSchema, modelSchema } = require('../src/schemas');

const folder = fileURLToPath(new URL('../schemas/', import.meta.url));
mkdirSync(folder, { recursive: true });

const kinds = { Agent: agentSchema, Tool: toolSchema, Model: modelSchema };
for (const [kind, schema] of Object.entries(kinds)) {
  write(`${kind}.v1alpha1.schema.json`, schema);
}
// A catalog-info.yaml may hold several documents of several kinds.
write('catalog-info.schema.json', {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Agent Portal catalog entities',
  allOf: Object.entries(kinds).map(([kind, { $schema, $id, ...schema }]) => ({
    if: {
      required: ['kind', 'apiVersion'],
      properties: {
        kind: { const: kind },
        apiVersion: { const: 'agentportal.dev/v1alpha1' },
      },
    },
    then: schema,
  })),
});

function write(name, schema) {
  writeFileSync(`${folder}${name}`, `${JSON.stringify(schema, null, 2)}\n`);
}
