import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { catalogInfoSchema } from './catalogInfoSchema';

describe('the schema file for editors', () => {
  it('says what the catalog checks', () => {
    const file = resolve(__dirname, '../../schemas/catalog-info.schema.json');
    // When this fails, run: node plugins/agents-common/scripts/write-schemas.mjs
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(catalogInfoSchema)),
    );
  });
});
