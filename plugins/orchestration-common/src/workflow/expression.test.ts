import { evaluate, ValueError } from './expression';

describe('a value that is made of others', () => {
  const found = 'x'.repeat(600_000);

  it.each([
    ['a text', '{{ found }}{{ found }}'],
    ['texts beside each other', { a: '{{ found }}', b: ['{{ found }}'] }],
  ])('has an end to its size: %s', (_, template) => {
    expect(() => evaluate(template, { found })).toThrow(ValueError);
    expect(() => evaluate(template, { found })).toThrow(
      'it would have more than 1000000 characters',
    );
  });

  it('may be as large as a tool gave it', () => {
    const large = [found, found, found];
    expect(evaluate('{{ large }}', { large })).toBe(large);
  });
});
