import { parseBody } from './readJson';

const parse = (text: string) => parseBody(text, 'a request');
const took = (text: string) => {
  const since = performance.now();
  expect(() => parse(text)).toThrow();
  return performance.now() - since;
};

describe('the body of a request', () => {
  it.each([
    ['brackets', '['.repeat(9_000_000)],
    ['members', `{${'"a":1,'.repeat(1_500_000)}"b":1}`],
    ['objects', `[${'{"role":"user"},'.repeat(500_000)}1]`],
    ['elements', `[${'1,'.repeat(9_000_000)}1]`],
  ])('is refused soon for too many %s', (_what, text) => {
    expect(took(text)).toBeLessThan(500);
  });

  it('is refused in words when it is nested too deep', () => {
    const nested = `{"messages":${'['.repeat(101)}${']'.repeat(101)}}`;
    expect(() => parse(nested)).toThrow('100 levels');
    expect(() => parse('{"model":')).toThrow('is not JSON; send a request');
  });

  it('may be long, and may say anything in its strings', () => {
    const text = `\\"[{:,${'[{"a":1,'.repeat(500_000)}\\`;
    expect(parse(JSON.stringify({ text, next: ['"', '\\', '\\"'] }))).toEqual({
      text,
      next: ['"', '\\', '\\"'],
    });
    const tokens = Array.from({ length: 300_000 }, (_, i) => i);
    expect(parse(JSON.stringify({ input: tokens }))).toEqual({ input: tokens });
  });
});
