import fc from 'fast-check';
import type { JsonObject } from '../providers/ModelProvider';
import { compressRequest } from './compressRequest';

const LONG = 'A log line that says little.\n'.repeat(400);

function compress(
  request: object,
  format?: 'anthropic-messages' | 'openai-responses',
) {
  const text = JSON.stringify(request);
  const result = compressRequest(text, JSON.parse(text), format);
  return {
    json: JSON.parse(result?.text ?? text) as any,
    kinds: result?.steps.map(({ kind }) => kind) ?? [],
    result,
  };
}

/** An assistant that calls a tool, and the tool's answer. */
function round(id: string, content: unknown, args = `{"id":"${id}"}`) {
  return [
    {
      role: 'assistant',
      content: null,
      tool_calls: [
        { id, type: 'function', function: { name: 'find', arguments: args } },
      ],
    },
    { role: 'tool', tool_call_id: id, content },
  ];
}

const user = (content: string) => ({ role: 'user', content });

describe('compressRequest', () => {
  it('takes white space from JSON results and keeps every digit', () => {
    const content =
      '{\n  "id": 12345678901234567890,\n  "price": 1.10,\n  "note": "two  spaces \\" and \\u00e4"\n}';
    const { json, kinds } = compress({
      messages: [user('a'), ...round('1', content), user('b')],
    });
    expect(json.messages[2].content).toBe(
      '{"id":12345678901234567890,"price":1.10,"note":"two  spaces \\" and \\u00e4"}',
    );
    expect(kinds).toEqual(['json']);
  });

  it('leaves text that only looks like JSON alone', () => {
    const content = '{ "id": 1 } and { more }';
    expect(
      compress({ messages: [user('a'), ...round('1', content), user('b')] })
        .result,
    ).toBeUndefined();
  });

  it('keeps the last of results that came twice for the same arguments', () => {
    const same = 'The order is on its way and will arrive on Monday.';
    const { json } = compress({
      messages: [
        user('a'),
        ...round('1', same, '{"order":"A"}'),
        ...round('2', same, '{"order":"B"}'),
        ...round('3', same, '{"order":"A"}'),
        user('b'),
      ],
    });
    expect(
      json.messages
        .filter((message: any) => message.role === 'tool')
        .map((message: any) => message.content),
    ).toEqual(['[same result as below]', same, same]);
  });

  it('shortens long outputs once three rounds of calls came after them', () => {
    const { json } = compress({
      messages: [
        user('a'),
        ...['1', '2', '3', '4'].flatMap(id => round(id, `${id} ${LONG}`)),
      ],
    });
    const [first, ...fresh] = json.messages
      .filter((message: any) => message.role === 'tool')
      .map((message: any) => message.content);
    expect(first).toMatch(
      /^1 A log line[^]+\[\.\.\. \d+ characters left out \.\.\.\][^]+little\.\n$/,
    );
    expect(first.length).toBeLessThan(2_200);
    expect(fresh).toEqual(['2', '3', '4'].map(id => `${id} ${LONG}`));
  });

  it('says a paragraph of several system messages once', () => {
    const rule = `Answer in the language of the person. ${'Be exact. '.repeat(
      10,
    )}`.trim();
    const { json } = compress({
      messages: [
        { role: 'system', content: `You help with orders.\n\n${rule}` },
        { role: 'system', content: `${rule}\n\nToday is Monday.` },
        { role: 'developer', content: rule },
        user('a'),
      ],
    });
    expect(json.messages[1].content).toBe('Today is Monday.');
    expect(json.messages[2].content).toBe('[as said above]');
  });

  it('tidies lines, but not in code and not in what is asked now', () => {
    const text =
      'One.   \n\n\n\nTwo.\n```py\nx = 1   \n\n\n\ny = 2\n```\nThree.  ';
    const { json } = compress({
      messages: [user(text), { role: 'assistant', content: text }, user(text)],
    });
    expect(json.messages[0].content).toBe(
      'One.\n\nTwo.\n```py\nx = 1   \n\n\n\ny = 2\n```\nThree.',
    );
    expect(json.messages.slice(1).map((m: any) => m.content)).toEqual([
      text,
      text,
    ]);
  });

  it('leaves everything up to the last cache mark alone', () => {
    const content = '{ "id": 1, "text": "x" }';
    const marked = {
      role: 'user',
      content: [
        { type: 'text', text: 'b', cache_control: { type: 'ephemeral' } },
      ],
    };
    const { json } = compress({
      messages: [
        user('a'),
        ...round('1', content),
        marked,
        ...round('2', content, '{}'),
        user('c'),
      ],
    });
    expect(json.messages[2].content).toBe(content);
    expect(json.messages[5].content).toBe('{"id":1,"text":"x"}');
    expect(
      compress({
        cache_control: { type: 'ephemeral' },
        messages: [user('a'), ...round('1', content), user('b')],
      }).result,
    ).toBeUndefined();
  });

  it('compresses results of Anthropic requests and no thinking', () => {
    const thinking = {
      type: 'thinking',
      thinking: '{ "a": 1 }   \n\n\n\n',
      signature: 'c2ln',
    };
    const { json } = compress(
      {
        system: [{ type: 'text', text: 'Help.   ' }],
        messages: [
          user('a'),
          {
            role: 'assistant',
            content: [
              thinking,
              { type: 'tool_use', id: '1', name: 'find', input: { n: 1 } },
            ],
          },
          {
            role: 'user',
            content: [
              {
                type: 'tool_result',
                tool_use_id: '1',
                content: [
                  { type: 'text', text: '[ 1, 2 ]' },
                  { type: 'image', source: { type: 'base64', data: 'eA==' } },
                ],
              },
            ],
          },
        ],
      },
      'anthropic-messages',
    );
    expect(json.system[0].text).toBe('Help.');
    expect(json.messages[1].content[0]).toEqual(thinking);
    expect(json.messages[2].content[0].content[0].text).toBe('[1,2]');
  });

  it('compresses outputs of Responses requests and no reasoning', () => {
    const reasoning = { type: 'reasoning', encrypted_content: '{ "a": 1 }' };
    const { json } = compress(
      {
        instructions: 'Help.\n\n\n\nWell.',
        input: [
          user('a'),
          reasoning,
          { type: 'function_call', call_id: '1', name: 'f', arguments: '{}' },
          { type: 'function_call_output', call_id: '1', output: '{ "b": 2 }' },
        ],
      },
      'openai-responses',
    );
    expect(json.instructions).toBe('Help.\n\nWell.');
    expect(json.input[1]).toEqual(reasoning);
    expect(json.input[3].output).toBe('{"b":2}');
  });

  it('changes no byte outside of the texts that it changes', () => {
    const text =
      '{ "seed": 12345678901234567890 ,"messages":[{"role":"user","content":"a"},{"role":"assistant","tool_calls":[{"id":"1","function":{"name":"f","arguments":"{ }"}}]},{"role":"tool","tool_call_id":"1","content":"{ \\"n\\": 1.0 }", "vendor": 1.50 }],"tools":[ {"type":"function","function":{"name":"f","parameters":{ "a" : 1e2 }}} ]}';
    const result = compressRequest(text, JSON.parse(text) as JsonObject);
    expect(result!.text).toBe(
      text.replace('{ \\"n\\": 1.0 }', '{\\"n\\":1.0}'),
    );
    expect(result!.removedBytes).toBe(3);
  });

  describe('for any conversation', () => {
    const said = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.constantFrom(LONG, `${LONG}x`, '```\na  \n\n\n\n```', 'p\n\n\n\nq  '),
      fc.constant('A rule that is long enough to be found again. '.repeat(3)),
      fc
        .json({ maxDepth: 3 })
        .map(json => JSON.stringify(JSON.parse(json), null, 2)),
    );
    const message = fc.oneof(
      said.map(content => [{ role: 'system', content }]),
      said.map(content => [{ role: 'user', content }]),
      said.map(content => [{ role: 'assistant', content }]),
      fc
        .tuple(said, fc.constantFrom('1', '2', '3'))
        .map(([content, id]) => round(id, content)),
      fc
        .tuple(said, fc.constantFrom('4', '5'))
        .map(([text, id]) => round(id, [{ type: 'text', text }])),
    );
    const conversation = fc
      .array(message, { maxLength: 14 })
      .map(parts => ({ model: 'm', messages: parts.flat() as any[] }));

    it('is never longer, and the same when it is done again', () => {
      fc.assert(
        fc.property(conversation, request => {
          const text = JSON.stringify(request);
          const once = compressRequest(text, request as JsonObject);
          const after = once?.text ?? text;
          expect(text.length - after.length).toBeGreaterThanOrEqual(
            once ? 1 : 0,
          );
          expect(compressRequest(after, JSON.parse(after))).toBeUndefined();
        }),
        { numRuns: 300 },
      );
    });

    it('keeps messages, roles, ids, order and what was asked last', () => {
      fc.assert(
        fc.property(conversation, request => {
          const { json } = compress(request);
          const frame = ({ content, ...rest }: any) => rest;
          expect(json.messages.map(frame)).toEqual(request.messages.map(frame));
          const last = request.messages.findLastIndex(m => m.role === 'user');
          expect(json.messages[last]).toEqual(request.messages[last]);
          const spoken = (all: any[]) =>
            all.map(m => (m.role === 'assistant' ? m : undefined));
          expect(spoken(json.messages)).toEqual(spoken(request.messages));
        }),
        { numRuns: 300 },
      );
    });

    it('keeps what JSON results say', () => {
      fc.assert(
        fc.property(
          fc.json(),
          fc.constantFrom(undefined, 1, 2, '\t'),
          (json, indent) => {
            const content = JSON.stringify(JSON.parse(json), null, indent);
            const after = compress({
              messages: [user('a'), ...round('1', content), user('b')],
            }).json.messages[2].content;
            expect(JSON.parse(after)).toEqual(JSON.parse(content));
          },
        ),
      );
    });
  });
});
