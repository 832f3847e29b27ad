// Writes the JSON Schema of the kinds for editors, from the source that the
// catalog validates with. Run with Node 22 or newer: node scripts/write-schemas.mjs
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
require('@backstage/cli/config/nodeTransform.cjs');
const { catalogInfoSchema } = require('../src/schemas/catalogInfoSchema');

writeFileSync(
  new URL('../schemas/catalog-info.schema.json', import.meta.url),
  `${JSON.stringify(catalogInfoSchema, null, 2)}\n`,
);
