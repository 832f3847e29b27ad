import type { AnswerChunk, JsonObject } from '../providers/ModelProvider';
import { replayChunks, replayWhole } from './replay';
import { TextListener } from './textAnswer';

function heard(
  body: JsonObject,
  format?: 'anthropic-messages' | 'openai-responses',
) {
  const listener = new TextListener();
  listener.whole({ format, body: JSON.stringify(body), textBytes: 0 });
  return listener.answer;
}

const completion = (message: JsonObject, finish = 'stop') => ({
  model: 'm-1',
  choices: [{ index: 0, message, finish_reason: finish }],
});

async function heardInPieces(
  events: JsonObject[],
  format?: AnswerChunk['format'],
) {
  async function* chunks() {
    for (const json of events) {
      yield {
        format,
        data: JSON.stringify(json),
        json,
        usageOnly: false,
        textBytes: 0,
      };
    }
  }
  const listener = new TextListener();
  const passed: JsonObject[] = [];
  for await (const { json } of listener.chunks(chunks())) {
    passed.push(json);
  }
  expect(passed).toEqual(events);
  return listener.answer;
}

describe('TextListener', () => {
  it('hears the text of a finished answer in each format', async () => {
    const answer = { text: 'Hello', model: 'm-1' };
    expect(
      heard(
        completion({
          role: 'assistant',
          content: 'Hello',
          refusal: null,
          annotations: [],
        }),
      ),
    ).toEqual(answer);
    expect(
      heard(
        {
          model: 'm-1',
          stop_reason: 'end_turn',
          content: [{ type: 'text', text: 'Hello', citations: null }],
        },
        'anthropic-messages',
      ),
    ).toEqual(answer);
    const response = {
      model: 'm-1',
      status: 'completed',
      output: [
        { type: 'reasoning', summary: [] },
        {
          type: 'message',
          content: [{ type: 'output_text', text: 'Hello', annotations: [] }],
        },
      ],
    };
    expect(heard(response, 'openai-responses')).toEqual(answer);
    expect(
      await heardInPieces(
        [
          { type: 'response.created' },
          { type: 'response.completed', response },
        ],
        'openai-responses',
      ),
    ).toEqual(answer);
    expect(
      await heardInPieces(
        [
          { type: 'message_start', message: { model: 'm-1' } },
          {
            type: 'content_block_start',
            content_block: { type: 'text', text: '' },
          },
          {
            type: 'content_block_delta',
            delta: { type: 'text_delta', text: 'Hel' },
          },
          {
            type: 'content_block_delta',
            delta: { type: 'text_delta', text: 'lo' },
          },
          { type: 'message_delta', delta: { stop_reason: 'end_turn' } },
        ],
        'anthropic-messages',
      ),
    ).toEqual(answer);
  });

  it.each<[string, JsonObject]>([
    ['was cut', completion({ content: 'Hel' }, 'length')],
    ['was filtered', completion({ content: 'Hel' }, 'content_filter')],
    ['is a refusal', completion({ content: null, refusal: 'No.' })],
    [
      'calls a tool',
      completion({ content: 'x', tool_calls: [{ id: '1' }] }, 'tool_calls'),
    ],
    ['has thoughts', completion({ content: 'x', reasoning_content: 'hm' })],
    [
      'cites',
      completion({ content: 'x', annotations: [{ type: 'url_citation' }] }),
    ],
    ['is empty', completion({ content: ' ' })],
    ['is no answer', { choices: 7 }],
  ])('does not remember an answer that %s', (_, body) => {
    expect(heard(body)).toBeUndefined();
  });

  it('does not remember a stream that was cut or had no end', async () => {
    const delta = (content: string, finish: string | null = null) => ({
      choices: [{ index: 0, delta: { content }, finish_reason: finish }],
    });
    expect(await heardInPieces([delta('Hel')])).toBeUndefined();
    expect(
      await heardInPieces([delta('Hel'), delta('', 'length')]),
    ).toBeUndefined();
    expect(
      await heardInPieces(
        [
          { type: 'content_block_start', content_block: { type: 'tool_use' } },
          { type: 'message_delta', delta: { stop_reason: 'end_turn' } },
        ],
        'anthropic-messages',
      ),
    ).toBeUndefined();
  });

  it('hears of a replay what was remembered', async () => {
    const answer = {
      text: `${'Grüße aus Köln 👋 '.repeat(60)}.`,
      model: 'm-1',
    };
    const call = { callId: 'c', createdAt: 0, model: 'm' };
    const whole = new TextListener();
    whole.whole(replayWhole(answer, call));
    expect(whole.answer).toEqual(answer);
    const pieces = new TextListener();
    let count = 0;
    for await (const _ of pieces.chunks(replayChunks(answer, call))) {
      count += 1;
    }
    expect(pieces.answer).toEqual(answer);
    expect(count).toBeGreaterThan(4);
  });
});
