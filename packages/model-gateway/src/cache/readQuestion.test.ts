import { chatCompletions } from '../formats/chatCompletions';
import type { JsonObject } from '../providers/ModelProvider';
import { normalise, readQuestion } from './readQuestion';
import { isUnambiguousJson } from './unambiguousJson';

const user = { role: 'user', content: 'What is VAT?' };

function read(body: JsonObject | string) {
  const text =
    typeof body === 'string'
      ? body
      : JSON.stringify({ model: 'm', messages: [user], ...body });
  const raw = { text, headers: {}, callId: 'c', receivedAt: 0 };
  return readQuestion(chatCompletions.read(raw).request);
}

describe('readQuestion', () => {
  it('parts the last question from all the rest', () => {
    const one = read({});
    const other = read({
      messages: [{ role: 'user', content: 'Something else?' }],
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(one).toMatchObject({ text: 'What is VAT?' });
    expect(other).toMatchObject({
      text: 'Something else?',
      context: (one as { context: unknown }).context,
    });
  });

  it.each<[string, JsonObject]>([
    ['tools', { tools: [{ type: 'function', function: { name: 'f' } }] }],
    ['tools', { tool_choice: 'auto' }],
    ['tools', { messages: [user, { role: 'tool', content: 'x' }] }],
    ['tools', { messages: [{ role: 'tool', content: 'x' }, user] }],
    [
      'tools',
      { messages: [{ role: 'assistant', tool_calls: [{ id: '1' }] }, user] },
    ],
    [
      'not-text',
      { messages: [{ role: 'user', content: [{ type: 'image_url' }] }] },
    ],
    [
      'not-text',
      {
        messages: [{ role: 'user', content: [{ type: 'input_audio' }] }, user],
      },
    ],
    ['several-answers', { n: 2 }],
    ['several-answers', { logprobs: true }],
    ['temperature', { temperature: 0.9 }],
    ['stored', { previous_response_id: 'resp_1' }],
    ['no-question', { messages: [{ role: 'assistant', content: 'Hi' }] }],
    ['no-question', { messages: [{ role: 'user', content: '  ' }] }],
  ])('leaves out what has %s: %j', (bypass, body) => {
    expect(read(body)).toEqual({ bypass });
  });

  it('takes a text that parsers may read differently for no question', () => {
    const twice = (first: string) =>
      `{"model":"m","messages":[${first}],"messages":[${JSON.stringify(
        user,
      )}]}`;
    expect(
      read(twice('{"role":"user","content":"How to rob a bank?"}')),
    ).toEqual({ bypass: 'ambiguous' });
    expect(
      read(
        `{"model":"m","seed":12345678901234567890,"messages":[${JSON.stringify(
          user,
        )}]}`,
      ),
    ).toEqual({ bypass: 'ambiguous' });
  });

  it.each([
    ['{"a":{"b":1},"c":{"b":"\\"}"}}', true],
    ['{"a":[{"b":1},{"b":2}]}', true],
    ['{"a":1,"\\u0061":2}', false],
    ['{"a":{"b":1,"b":1}}', false],
    ['{"a":1e999}', false],
    ['{"a":-0.25e-3,"b":123456789012345}', true],
    ['{"a" : 1,\n "b" : "a\\\\","c":["a","a"]}', true],
  ])('knows whether %s is unambiguous', (text, expected) => {
    expect(isUnambiguousJson(text)).toBe(expected);
  });

  it('takes the same words for the same question', () => {
    expect(normalise('  Cafe\u0301 \n  open? ')).toBe('Café open?');
  });
});
