import { rewriteTopLevel } from './rewriteTopLevel';

describe('rewriteTopLevel', () => {
  it.each([
    ['{"model":"a"}', '{"model":"b"}'],
    [
      '{ "x" : {"model":"a"}, "model"\n:\t"a" , "n":1e400 }',
      '{ "x" : {"model":"a"}, "model"\n:\t"b" , "n":1e400 }',
    ],
    [
      '{"s":"\\"model\\":\\"a\\" }","model":"a"}',
      '{"s":"\\"model\\":\\"a\\" }","model":"b"}',
    ],
    ['{"s":"\\\\","model":"a"}', '{"s":"\\\\","model":"b"}'],
    ['{"s":"\\\\\\"","model":"a"}', '{"s":"\\\\\\"","model":"b"}'],
    [
      '{"mod\\u0065l":"a","n":12345678901234567890}',
      '{"mod\\u0065l":"b","n":12345678901234567890}',
    ],
    ['{"model":["a",{"b":"}"}],"l":[]}', '{"model":"b","l":[]}'],
    ['{"model":"a","model":"c"}', '{"model":"b","model":"b"}'],
    ['{}', '{"model":"b"}'],
    ['{ "a": true }', '{ "a": true ,"model":"b"}'],
    ['{"a":null,"z":-1.50}', '{"a":null,"z":-1.50,"model":"b"}'],
  ])('turns %s into %s', (text, expected) => {
    const result = rewriteTopLevel(text, { model: '"b"' });
    expect(result).toBe(expected);
    expect(JSON.parse(result).model).toBe('b');
  });

  it('replaces and adds several members', () => {
    expect(
      rewriteTopLevel('{"a":1,"stream_options":{"x":[1,2]},"b":2}', {
        model: '"m"',
        stream_options: '{"include_usage":true}',
      }),
    ).toBe('{"a":1,"stream_options":{"include_usage":true},"b":2,"model":"m"}');
  });
});
