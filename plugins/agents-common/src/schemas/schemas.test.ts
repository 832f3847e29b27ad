import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { agentSchema, modelSchema, toolSchema } from '.';

describe('schema files for editors', () => {
  it.each([
    ['Agent', agentSchema],
    ['Tool', toolSchema],
    ['Model', modelSchema],
  ])('%s says what the catalog checks', (kind, schema) => {
    const file = resolve(
      __dirname,
      `../../schemas/${kind}.v1alpha1.schema.json`,
    );
    // When this fails, run: node plugins/agents-common/scripts/write-schemas.mjs
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(schema)),
    );
  });
});
