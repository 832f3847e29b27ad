import { checkSchema } from '../schemas/checkSchema';
import { exampleOf } from './exampleOf';

const fits = (schema: Record<string, unknown>) =>
  checkSchema({
    key: JSON.stringify(schema),
    schema: JSON.stringify(schema),
    value: exampleOf(schema),
  });

describe('exampleOf', () => {
  it('gives what an ordinary schema describes', () => {
    const schemas: Array<Record<string, unknown>> = [
      {
        type: 'object',
        required: ['id', 'at', 'lines', 'state', 'total', 'note'],
        properties: {
          id: { type: 'string', minLength: 20 },
          at: { type: 'string', format: 'date-time' },
          state: { enum: ['open', 'closed'] },
          total: { type: 'integer', exclusiveMinimum: 4, maximum: 9 },
          note: { type: ['null', 'string'] },
          lines: { type: 'array', minItems: 1, items: { $ref: '#/$defs/l~1' } },
          optional: { type: 'string', pattern: '^never$' },
        },
        $defs: {
          'l/': {
            type: 'object',
            required: ['price'],
            properties: { price: { anyOf: [{ type: 'number' }, {}] } },
          },
        },
      },
      {
        type: 'object',
        allOf: [
          { required: ['a'], properties: { a: { const: { b: 1 } } } },
          { required: ['c'], properties: { c: { type: 'boolean' } } },
        ],
      },
      { type: 'object', required: ['x'], properties: { x: { default: [] } } },
    ];
    expect(schemas.map(fits)).toEqual(schemas.map(() => ({})));
    // An own property, and no prototype.
    const hostile = JSON.parse(
      '{"required":["__proto__"],"properties":{"__proto__":{"const":{"admin":true}}}}',
    );
    expect(exampleOf(hostile)).not.toHaveProperty('admin');
  });

  it('comes to an end whatever a schema says', () => {
    const circle = {
      $ref: '#/$defs/a',
      $defs: { a: { anyOf: [{ $ref: '#/$defs/a' }] } },
    };
    const wide = {
      type: 'object',
      required: Array.from({ length: 100_000 }, (_, i) => `p${i % 2_000}`),
      properties: Object.fromEntries(
        Array.from({ length: 2_000 }, (_, i) => [`p${i}`, { type: 'string' }]),
      ),
    };
    const tree = {
      type: 'object',
      required: ['l', 'r'],
      properties: { l: { $ref: '#' }, r: { $ref: '#' } },
    };
    const long = {
      type: 'array',
      minItems: 1e9,
      items: { type: 'string', minLength: 1e9 },
    };
    const began = performance.now();
    expect([circle, wide, tree].map(exampleOf)).toEqual(
      [circle, wide, tree].map(() => undefined),
    );
    expect(JSON.stringify(exampleOf(long)).length).toBeLessThan(1_000);
    expect(performance.now() - began).toBeLessThan(500);
  });
});
