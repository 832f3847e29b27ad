import type { AnswerChunk, JsonObject } from '../providers/ModelProvider';
import type { Answer } from '../stages/begin';
import type { GuardedCall } from './CallGuard';
import { guardAnswer } from './guardAnswer';

/** Holds back the word that has not ended, and has another word for SECRET. */
const guarded: GuardedCall = {
  answer: kind => {
    let held = '';
    const masked = (text: string) =>
      text.replaceAll('SECRET', kind === 'text' ? '*' : '[[t]]');
    return {
      push: async piece => {
        held += piece;
        const end = held.search(/[A-Za-z]*$/);
        const free = held.slice(0, end);
        held = held.slice(end);
        return masked(free);
      },
      end: async () => masked(held),
    };
  },
  end: () => {},
};

const chunk = (
  json: JsonObject,
  format?: AnswerChunk['format'],
): AnswerChunk => ({
  format,
  event: format && String(json.type),
  data: JSON.stringify(json),
  json,
  usageOnly: Array.isArray(json.choices) && json.choices.length === 0,
  textBytes: 1,
});

async function streamed(chunks: AnswerChunk[]): Promise<JsonObject[]> {
  async function* replay() {
    yield* chunks;
  }
  const answer = await guardAnswer(
    { kind: 'stream', chunks: replay() },
    guarded,
  );
  const out: JsonObject[] = [];
  for await (const { data, json } of (answer as Answer & { kind: 'stream' })
    .chunks) {
    expect(JSON.parse(data)).toEqual(json);
    out.push(json);
  }
  return out;
}

async function whole(json: JsonObject, format?: AnswerChunk['format']) {
  const answer = await guardAnswer(
    {
      kind: 'whole',
      whole: { format, body: JSON.stringify(json), textBytes: 1 },
    },
    guarded,
  );
  return JSON.parse((answer as Answer & { kind: 'whole' }).whole.body);
}

const delta = (
  said: JsonObject,
  finish: string | null = null,
  index = 0,
): AnswerChunk =>
  chunk({ id: 'c', choices: [{ index, delta: said, finish_reason: finish }] });
const piece = (index: number, written: string, more: object = {}) => ({
  tool_calls: [{ index, ...more, function: { arguments: written } }],
});
const all = (values: unknown[]) => values.filter(Boolean).join('');

describe('the answers of chat completions', () => {
  it('take the signature from thoughts in which something is hidden, and only from those', async () => {
    const thought = (thinking: string, signature = 's') => ({
      type: 'thinking',
      thinking,
      signature,
    });
    const blocks = [thought('a SECRET'), thought('none')];
    const masked = [thought('a *', ''), thought('none')];
    const message = { content: 'x', thinking_blocks: blocks };
    const said = await whole({ choices: [{ message }] });
    expect(said.choices[0].message.thinking_blocks).toEqual(masked);
    const out = await streamed([delta({ thinking_blocks: blocks }, 'stop')]);
    expect(out).toMatchObject([
      { choices: [{ delta: { thinking_blocks: masked } }] },
    ]);
  });

  it('are masked in each text by itself, and in the order in which they came', async () => {
    const out = await streamed([
      delta({ role: 'assistant', content: '' }),
      delta({ reasoning_content: 'hm SEC' }),
      delta({ reasoning_content: 'RET' }),
      delta({ content: 'It is SEC' }),
      delta({ content: 'other' }, null, 1),
      delta({ content: 'RET' }),
      delta(piece(0, '{"a":"SEC', { id: 'x', type: 'function' })),
      delta(piece(0, 'RET"')),
      delta(piece(0, ',"end":tru')),
      delta(piece(1, '{"b":"SECRET', { id: 'y' })),
      delta({}, 'tool_calls'),
      chunk({ id: 'c', choices: [], usage: { total_tokens: 1 } }),
    ]);
    const said = out.flatMap(({ choices }) =>
      (choices as any[]).map(choice => ({
        ...choice.delta,
        index: choice.index,
      })),
    );
    const of = (name: string, index = 0) =>
      all(said.filter(each => each.index === index).map(each => each[name]));
    expect(of('reasoning_content')).toBe('hm *');
    expect(of('content')).toBe('It is *');
    expect(of('content', 1)).toBe('other');
    const calls = said.flatMap(each => each.tool_calls ?? []);
    const argsOf = (index: number) =>
      all(calls.filter(c => c.index === index).map(c => c.function.arguments));
    expect(argsOf(0)).toBe('{"a":"[[t]]","end":tru');
    expect(argsOf(1)).toBe('{"b":"[[t]]');
    // One call ends where the next begins, and the text before the first.
    expect(calls.map(c => c.index)).toEqual([0, 0, 0, 0, 1, 1]);
    const order = said.map(each => (each.tool_calls ? 'call' : each.content));
    expect(order.lastIndexOf('*')).toBeLessThan(order.indexOf('call') + 1);
    expect(out.at(-1)).toMatchObject({ usage: { total_tokens: 1 } });
  });

  it('are left as they came where nothing is found, byte by byte', async () => {
    const body =
      '{ "choices": [{"message": {"content": "plain"}}], "n": 12345678901234567890 }';
    const answer = await guardAnswer(
      { kind: 'whole', whole: { body, textBytes: 1 } },
      guarded,
    );
    expect(answer).toMatchObject({ whole: { body } });
    const { choices } = await whole({
      choices: [
        {
          message: {
            content: 'a SECRET',
            tool_calls: [{ function: { arguments: '{"k":"SECRET"}' } }],
          },
        },
      ],
    });
    expect(choices[0].message).toEqual({
      content: 'a *',
      tool_calls: [{ function: { arguments: '{"k":"[[t]]"}' } }],
    });
  });

  it('do not tell what was held back when they break', async () => {
    async function* broken() {
      yield delta({ content: 'It is SECR' });
      throw new Error('cut');
    }
    const answer = await guardAnswer(
      { kind: 'stream', chunks: broken() },
      guarded,
    );
    const told: string[] = [];
    await expect(async () => {
      for await (const { data } of (answer as Answer & { kind: 'stream' })
        .chunks) {
        told.push(data);
      }
    }).rejects.toThrow('cut');
    expect(told.join('')).not.toContain('SECR');
  });
});

describe('the answers of messages', () => {
  const event = (json: JsonObject) => chunk(json, 'anthropic-messages');
  const part = (index: number, said: JsonObject) =>
    event({ type: 'content_block_delta', index, delta: said });

  it('are masked before their block ends', async () => {
    const out = await streamed([
      event({ type: 'message_start', message: {} }),
      part(0, { type: 'text_delta', text: 'It is SE' }),
      part(0, { type: 'text_delta', text: 'CRET' }),
      event({ type: 'content_block_stop', index: 0 }),
      part(1, { type: 'input_json_delta', partial_json: '{"a":"SECRE' }),
      part(1, { type: 'input_json_delta', partial_json: 'T"}' }),
      event({ type: 'content_block_stop', index: 1 }),
      event({ type: 'message_stop' }),
    ]);
    expect(all(out.map(json => (json.delta as any)?.text))).toBe('It is *');
    expect(all(out.map(json => (json.delta as any)?.partial_json))).toBe(
      '{"a":"[[t]]"}',
    );
    const ends = out.map(json => `${json.type} ${json.index}`);
    expect(ends.lastIndexOf('content_block_delta 0')).toBe(
      ends.indexOf('content_block_stop 0') - 1,
    );
    expect(
      await whole(
        {
          content: [
            { type: 'text', text: 'SECRET' },
            { type: 'tool_use', input: { a: ['SECRET'] } },
            { type: 'thinking', thinking: 'SECRET', signature: 's' },
          ],
        },
        'anthropic-messages',
      ),
    ).toMatchObject({
      content: [
        { text: '*' },
        { input: { a: ['[[t]]'] } },
        { thinking: 'SECRET' },
      ],
    });
  });
});

describe('the answers of responses', () => {
  it('are masked wherever they tell a text again, and numbered on', async () => {
    let number = 0;
    const event = (type: string, more: JsonObject) =>
      chunk(
        { type: `response.${type}`, sequence_number: number++, ...more },
        'openai-responses',
      );
    const item = {
      type: 'message',
      content: [{ type: 'output_text', text: 'It is SECRET' }],
    };
    const call = { type: 'function_call', arguments: '{"a":"SECRET"}' };
    const out = await streamed([
      event('output_text.delta', { item_id: 'm', delta: 'It is SEC' }),
      event('output_text.delta', { item_id: 'm', delta: 'RET' }),
      event('output_text.done', { item_id: 'm', text: 'It is SECRET' }),
      event('content_part.done', { part: item.content[0] }),
      event('output_item.done', { item }),
      event('function_call_arguments.delta', {
        item_id: 'f',
        delta: '{"a":"SECRET"}',
      }),
      event('function_call_arguments.done', {
        item_id: 'f',
        arguments: '{"a":"SECRET"}',
      }),
      event('completed', { response: { output: [item, call] } }),
    ]);
    expect(JSON.stringify(out)).not.toContain('SECRET');
    expect(all(out.slice(0, 3).map(json => json.delta))).toBe('It is *');
    expect(out.map(json => json.sequence_number)).toEqual(
      out.map((_, index) => index),
    );
    expect(out.at(-1)).toMatchObject({
      response: {
        output: [
          { content: [{ text: 'It is *' }] },
          { arguments: '{"a":"[[t]]"}' },
        ],
      },
    });
  });
});

describe('what tells an answer in another way', () => {
  const logprobs = { content: [{ token: 'SECRET', logprob: -0.1 }] };
  const custom = (input: string) => ({
    tool_calls: [{ index: 0, type: 'custom', custom: { name: 'x', input } }],
  });
  const old = (written: string) => ({
    function_call: { name: 'x', arguments: written },
  });

  it('is masked too, or left out, in chat completions', async () => {
    for (const [message, told] of [
      [{ content: 'SECRET' }, '*'],
      [custom('SECRET'), '[[t]]'],
      [old('SECRET'), '[[t]]'],
    ] as const) {
      const body = JSON.stringify(
        await whole({ choices: [{ index: 0, message, logprobs }] }),
      );
      expect(body).not.toContain('SECRET');
      expect(body).toContain(told);
    }
    for (const say of [custom, old]) {
      const out = await streamed([
        delta(say('SEC')),
        delta(say('RET"')),
        delta({}, 'stop'),
      ]);
      const deltas = out.map(each => (each.choices as any[])[0].delta);
      expect(
        all(
          deltas.map(
            each =>
              each.function_call?.arguments ??
              each.tool_calls?.[0].custom?.input,
          ),
        ),
      ).toBe('[[t]]"');
    }
    const [first] = await streamed([
      chunk({
        id: 'c',
        choices: [{ index: 0, delta: { content: 'SECRET ' }, logprobs }],
      }),
    ]);
    expect(JSON.stringify(first)).not.toContain('SECRET');
  });

  it('is masked too, or left out, in responses', async () => {
    const body = JSON.stringify(
      await whole(
        {
          output: [
            {
              content: [
                { type: 'output_text', text: 'hm', logprobs: logprobs.content },
              ],
            },
            { type: 'custom_tool_call', input: 'SECRET' },
          ],
        },
        'openai-responses',
      ),
    );
    expect(body).not.toContain('SECRET');
    const out = await streamed([
      chunk(
        {
          type: 'response.output_text.delta',
          delta: 'SECRET ',
          logprobs: logprobs.content,
        },
        'openai-responses',
      ),
      chunk(
        { type: 'response.custom_tool_call_input.delta', delta: 'SECRET ' },
        'openai-responses',
      ),
    ]);
    expect(JSON.stringify(out)).not.toContain('SECRET');
  });
});
