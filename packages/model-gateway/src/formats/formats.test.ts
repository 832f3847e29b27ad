import { GatewayError } from '../errors';
import type { AnswerChunk, JsonObject } from '../providers/ModelProvider';
import type { Bill } from '../stages/Attempt';
import type { Exchange, InputFormat } from './InputFormat';
import { messages } from './anthropic/messages';
import { chatCompletions, embeddings } from './chatCompletions';
import { responses } from './responses/responses';

const BILL: Bill = {
  usage: {
    inputUncached: 6,
    cacheRead: 3,
    cacheWrite: 1,
    outputText: 5,
    reasoning: 2,
  },
  costNanoUsd: 42,
  estimated: false,
};

const asMessages = { model: 'm', messages: [{ role: 'user', content: 'Hi' }] };
const asResponse = { model: 'm', input: 'Hi' };

function read(format: InputFormat, body: object): Exchange {
  return format.read({
    text: JSON.stringify(body),
    headers: {},
    callId: 'c1',
    receivedAt: 0,
  });
}

function delta(said: JsonObject, finishReason?: string): AnswerChunk {
  const json = { choices: [{ delta: said, finish_reason: finishReason }] };
  return { data: '', json, usageOnly: false, textBytes: 0 };
}

const call = (
  index: number | undefined,
  id: string | undefined,
  args: string,
) =>
  delta({
    tool_calls: [{ index, id, function: { name: id, arguments: args } }],
  });

/** The events of a whole stream, each checked for the name that its data has. */
function events(exchange: Exchange, chunks: AnswerChunk[]): any[] {
  const text = [
    ...chunks.map(chunk => exchange.chunk(chunk, () => 0)),
    exchange.end(BILL),
  ].join('');
  return text
    .split('\n\n')
    .filter(Boolean)
    .map(block => {
      const [, name, data] = /^event: (.*)\ndata: (.*)$/.exec(block)!;
      const json = JSON.parse(data);
      expect(json.type).toBe(name);
      return json;
    });
}

describe('what could make a provider use another model', () => {
  const kinds: Array<[string, InputFormat, object]> = [
    ['chat', chatCompletions, asMessages],
    ['embeddings', embeddings, { model: 'm', input: 'Hi' }],
    ['responses', responses, asResponse],
    ['messages', messages, { ...asMessages, max_tokens: 5 }],
  ];

  it.each(kinds)('is refused in %s, and nothing else is', (_, format, body) => {
    for (const more of [
      { models: ['dear'] },
      { provider: { order: ['x'] } },
      { extra_body: {} },
      { route: 'fallback' },
    ]) {
      expect(() => read(format, { ...body, ...more })).toThrow(
        'another model than the one that was asked for',
      );
    }
    for (const more of [{ Model: 'dear' }, { MODELS: [] }, { TOOLſ: [] }]) {
      expect(() => read(format, { ...body, ...more })).toThrow('take it for');
    }
    expect(() => read(format, { ...body, models: null, x: 1 })).not.toThrow();
  });

  it('is refused with what would run or be kept there', () => {
    for (const more of [{ store: true }, { web_search_options: {} }]) {
      expect(() => read(chatCompletions, { ...asMessages, ...more })).toThrow(
        'is not supported',
      );
    }
    expect(() =>
      read(chatCompletions, { ...asMessages, store: false }),
    ).not.toThrow();
  });
});

describe('messages', () => {
  it('opens and closes one block after another', () => {
    const all = events(read(messages, asMessages), [
      delta({ role: 'assistant', content: '' }),
      delta({ content: 'Two ' }),
      delta({ content: 'calls' }),
      call(0, 'a', '{"x":'),
      call(0, undefined, '1}'),
      call(1, 'b', ''),
      call(1, undefined, '{}'),
      delta({}, 'stop'),
    ]);
    expect(all.map(event => [event.type, event.index])).toEqual([
      ['message_start', undefined],
      ['ping', undefined],
      ['content_block_start', 0],
      ['content_block_delta', 0],
      ['content_block_delta', 0],
      ['content_block_stop', 0],
      ['content_block_start', 1],
      ['content_block_delta', 1],
      ['content_block_delta', 1],
      ['content_block_stop', 1],
      ['content_block_start', 2],
      ['content_block_delta', 2],
      ['content_block_stop', 2],
      ['message_delta', undefined],
      ['message_stop', undefined],
    ]);
    expect(all.at(-2)).toMatchObject({
      // although the provider said `stop`
      delta: { stop_reason: 'tool_use' },
      usage: {
        input_tokens: 6,
        cache_read_input_tokens: 3,
        cache_creation_input_tokens: 1,
        output_tokens: 7,
        cost_nano_usd: 42,
      },
    });
  });

  it('takes calls that come whole and without a number', () => {
    const all = events(read(messages, asMessages), [
      call(undefined, 'a', '{}'),
      call(undefined, 'b', '{}'),
    ]);
    expect(all.flatMap(event => event.content_block?.id ?? [])).toEqual([
      'a',
      'b',
    ]);
  });

  it('does not mix up calls whose pieces come in turns', () => {
    const exchange = read(messages, asMessages);
    exchange.chunk(call(0, 'a', '{'), () => 0);
    exchange.chunk(call(1, 'b', '{'), () => 0);
    expect(() => exchange.chunk(call(0, undefined, '}'), () => 0)).toThrow(
      expect.objectContaining({ code: 'provider_bad_answer' }),
    );
  });

  it('ends an empty answer properly', () => {
    const all = events(read(messages, asMessages), []);
    expect(all.map(event => event.type)).toEqual([
      'message_start',
      'ping',
      'message_delta',
      'message_stop',
    ]);
  });

  it.each([
    ['stop', 'end_turn'],
    ['length', 'max_tokens'],
    ['content_filter', 'refusal'],
  ])('says %s as %s', (finishReason, stopReason) => {
    const body = JSON.stringify({
      choices: [{ message: { content: 'x' }, finish_reason: finishReason }],
    });
    const whole = read(messages, asMessages).whole(
      { body, textBytes: 1 },
      BILL,
    );
    expect(JSON.parse(whole).stop_reason).toBe(stopReason);
  });

  it('leaves out a call that the limit cut, and refuses one that is broken', () => {
    const whole = (finishReason: string) =>
      read(messages, asMessages).whole(
        {
          textBytes: 1,
          body: JSON.stringify({
            choices: [
              {
                message: {
                  tool_calls: [
                    { id: 'a', function: { name: 'f', arguments: '{"x' } },
                  ],
                },
                finish_reason: finishReason,
              },
            ],
          }),
        },
        BILL,
      );
    expect(JSON.parse(whole('length'))).toMatchObject({
      content: [],
      stop_reason: 'max_tokens',
    });
    expect(() => whole('tool_calls')).toThrow('not JSON');
  });
});

describe('responses', () => {
  /** Source: Open Responses, "ResponseResource". */
  const REQUIRED = [
    'id object created_at completed_at status incomplete_details model',
    'previous_response_id instructions output error tools tool_choice',
    'truncation parallel_tool_calls text top_p presence_penalty',
    'frequency_penalty top_logprobs temperature reasoning usage',
    'max_output_tokens max_tool_calls store background service_tier metadata',
    'safety_identifier prompt_cache_key',
  ]
    .join(' ')
    .split(' ');

  it('keeps apart calls whose pieces come in turns', () => {
    const all = events(read(responses, asResponse), [
      delta({ content: 'Two calls' }),
      call(0, 'a', '{"x":'),
      call(1, 'b', '{"y":'),
      call(0, undefined, '1}'),
      call(1, undefined, '2}'),
      delta({}, 'tool_calls'),
    ]);
    expect(all.map(event => event.sequence_number)).toEqual(
      all.map((_event, index) => index),
    );
    const { response } = all.at(-1);
    expect(Object.keys(response)).toEqual(expect.arrayContaining(REQUIRED));
    expect(response).toMatchObject({
      status: 'completed',
      output: [
        { type: 'message', content: [{ text: 'Two calls' }] },
        { type: 'function_call', call_id: 'a', arguments: '{"x":1}' },
        { type: 'function_call', call_id: 'b', arguments: '{"y":2}' },
      ],
      usage: {
        input_tokens: 10,
        input_tokens_details: { cached_tokens: 3 },
        output_tokens: 7,
        output_tokens_details: { reasoning_tokens: 2 },
        total_tokens: 17,
      },
    });
    for (const kind of ['added', 'done']) {
      expect(
        all
          .filter(event => event.type === `response.output_item.${kind}`)
          .map(event => event.output_index),
      ).toEqual([0, 1, 2]);
    }
  });

  it('has the same members whole as in the last event of a stream', () => {
    const body = JSON.stringify({
      choices: [{ message: { content: 'x' }, finish_reason: 'length' }],
    });
    const whole = JSON.parse(
      read(responses, asResponse).whole({ body, textBytes: 1 }, BILL),
    );
    const { type, response } = events(read(responses, asResponse), [
      delta({ content: 'x' }, 'length'),
    ]).at(-1);
    expect(type).toBe('response.incomplete');
    expect(Object.keys(whole).sort()).toEqual(Object.keys(response).sort());
    expect(Object.keys(whole)).toEqual(expect.arrayContaining(REQUIRED));
    for (const answer of [whole, response]) {
      expect(answer).toMatchObject({
        status: 'incomplete',
        incomplete_details: { reason: 'max_output_tokens' },
        output: [{ content: [{ text: 'x' }] }],
      });
    }
  });

  it('keeps in a failed response what came before the failure', () => {
    const exchange = read(responses, asResponse);
    exchange.chunk(delta({ content: 'half' }), () => 0);
    const text = exchange.failure(
      new GatewayError(502, 'provider_stream_cut', 'It broke off.'),
    );
    expect(JSON.parse(text!.split('data: ')[1])).toMatchObject({
      type: 'response.failed',
      response: {
        status: 'failed',
        error: { code: 'provider_stream_cut', message: 'It broke off.' },
        output: [{ status: 'incomplete', content: [{ text: 'half' }] }],
      },
    });
  });
});
