import type { ServerResponse } from 'node:http';

const ITEM = {
  id: 'msg_up',
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [
    {
      type: 'output_text',
      text: 'From upstream',
      annotations: [],
      logprobs: [],
    },
  ],
};

/** An answer of OpenAI's Responses API. */
export function fakeResponse(model: string) {
  return {
    id: 'resp_up',
    object: 'response',
    created_at: 1,
    status: 'completed',
    model,
    vendor_field: 12345678901234567890n,
    output: [ITEM],
    usage: {
      input_tokens: 1000,
      input_tokens_details: { cached_tokens: 400 },
      output_tokens: 200,
      output_tokens_details: { reasoning_tokens: 50 },
      total_tokens: 1200,
    },
  };
}

/** The same answer as the events of a stream; the model `cut` breaks off. */
export function streamResponse(response: ServerResponse, model: string) {
  const { vendor_field: _, ...whole } = fakeResponse(model);
  let sequence = 0;
  const event = (body: { type: string; [key: string]: unknown }) => {
    const numbered = { ...body, sequence_number: sequence };
    sequence += 1;
    response.write(
      `event: ${body.type}\ndata: ${JSON.stringify(numbered)}\n\n`,
    );
  };
  const place = { item_id: 'msg_up', output_index: 0, content_index: 0 };
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  event({
    type: 'response.created',
    response: { ...whole, status: 'in_progress', output: [], usage: null },
  });
  event({
    type: 'response.output_item.added',
    output_index: 0,
    item: { ...ITEM, status: 'in_progress', content: [] },
  });
  event({
    type: 'response.content_part.added',
    ...place,
    part: { ...ITEM.content[0], text: '' },
  });
  event({
    type: 'response.output_text.delta',
    ...place,
    delta: 'From upstream',
    logprobs: [],
  });
  if (model === 'cut') {
    response.end();
    return;
  }
  event({ type: 'response.output_item.done', output_index: 0, item: ITEM });
  event({ type: 'response.completed', response: whole });
  response.end();
}
