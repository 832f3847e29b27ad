import type { ServerResponse } from 'node:http';

const ANTHROPIC_USAGE = {
  input_tokens: 100,
  cache_read_input_tokens: 300,
  cache_creation_input_tokens: 50,
  output_tokens: 1,
};

/** What it thinks first, where it is asked to. */
const THOUGHTS = [
  { type: 'thinking', thinking: 'An order. I look it up.', signature: 'c2ln' },
  { type: 'redacted_thinking', data: 'c2VhbGVk' },
];

/** Anthropic's answer with a text and a tool call. */
export const ANTHROPIC_MESSAGE = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-fake',
  stop_reason: 'tool_use',
  content: [
    { type: 'text', text: 'Let me look.' },
    {
      type: 'tool_use',
      id: 'toolu_1',
      name: 'find_order',
      input: { orderId: 'A-1' },
    },
  ],
  usage: { ...ANTHROPIC_USAGE, output_tokens: 20 },
};

type Asked = { model: string; thinking?: { type: string } };

const thinks = ({ thinking }: Asked) =>
  thinking !== undefined && thinking.type !== 'disabled';

/** The answer, with thoughts where it is asked to think. */
export function anthropicMessage(asked: Asked) {
  return thinks(asked)
    ? {
        ...ANTHROPIC_MESSAGE,
        content: [...THOUGHTS, ...ANTHROPIC_MESSAGE.content],
      }
    : ANTHROPIC_MESSAGE;
}

/** The same answer as the events of a stream. */
export function streamAnthropic(response: ServerResponse, asked: Asked) {
  const { model } = asked;
  const first = thinks(asked) ? THOUGHTS.length : 0;
  const event = (body: { type: string; [key: string]: unknown }) =>
    response.write(`event: ${body.type}\ndata: ${JSON.stringify(body)}\n\n`);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  event({
    type: 'message_start',
    message: { ...ANTHROPIC_MESSAGE, content: [], usage: ANTHROPIC_USAGE },
  });
  if (first > 0) {
    const [thought, sealed] = THOUGHTS;
    event({
      type: 'content_block_start',
      index: 0,
      content_block: { type: 'thinking', thinking: '', signature: '' },
    });
    for (const thinking of ['An order. ', 'I look it up.']) {
      const delta = { type: 'thinking_delta', thinking };
      event({ type: 'content_block_delta', index: 0, delta });
    }
    event({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'signature_delta', signature: thought.signature },
    });
    event({ type: 'content_block_start', index: 1, content_block: sealed });
  }
  event({
    type: 'content_block_start',
    index: first,
    content_block: { type: 'text', text: '' },
  });
  event({ type: 'ping' });
  event({
    type: 'content_block_delta',
    index: first,
    delta: { type: 'text_delta', text: 'Let me look.' },
  });
  if (model === 'claude-cut') {
    response.end();
    return;
  }
  event({ type: 'content_block_stop', index: first });
  event({
    type: 'content_block_start',
    index: first + 1,
    content_block: { type: 'tool_use', id: 'toolu_1', name: 'find_order' },
  });
  for (const part of ['{"orderId"', ':"A-1"}']) {
    event({
      type: 'content_block_delta',
      index: first + 1,
      delta: { type: 'input_json_delta', partial_json: part },
    });
  }
  event({ type: 'content_block_stop', index: first + 1 });
  event({
    type: 'message_delta',
    delta: { stop_reason: 'tool_use' },
    usage: { output_tokens: 20 },
  });
  event({ type: 'message_stop' });
  response.end();
}
