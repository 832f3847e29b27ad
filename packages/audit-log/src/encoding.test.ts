import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { canonicalText } from './encoding';

const KEYS = fc.constantFrom('b', 'a:b', 'Z', '10', '9', '__proto__', '', 'é');
const values = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.json().map(text => JSON.parse(text)),
    fc.string({ unit: 'binary' }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(null, undefined, -0, 1e21, new Date(0), Object('boxed')),
    fc.array(tie('value')),
    fc.dictionary(fc.oneof(KEYS, fc.string()), tie('value'), {
      noNullPrototype: false,
    }),
  ),
})).value;

describe('canonicalText', () => {
  it('is what RFC 8785 says of whatever value', () => {
    fc.assert(
      fc.property(fc.record({ a: values, b: values, 10: values }), value => {
        expect(canonicalText(value)).toBe(canonicalize(value));
      }),
      { numRuns: 3_000 },
    );
  });

  it('keeps a key that objects have from elsewhere', () => {
    const text = '{"data":{"__proto__":{"a":1},"constructor":2}}';
    expect(canonicalText(JSON.parse(text))).toBe(text);
  });

  it.each([NaN, Infinity, '\ud800', { a: ['\udc00x'] }, { '\ud800': 1 }])(
    'refuses what JSON cannot say: %j',
    value => {
      expect(() => canonicalText({ value })).toThrow(TypeError);
    },
  );

  it('writes what is nested deeply', () => {
    let value: object = {};
    for (let depth = 0; depth < 20_000; depth += 1) value = { a: value };
    expect(canonicalText(value)).toHaveLength(20_000 * 6 + 2);
  });
});
