import { mockCredentials } from '@backstage/backend-test-utils';
import { FakeProvider } from '../__testUtils__/FakeProvider';
import {
  type ResponseEvent,
  eventShape,
  type ResponseObject,
  responseShape,
} from '../__testUtils__/openResponsesShapes';
import { startModels } from '../__testUtils__/startModels';

jest.setTimeout(120_000);

const findOrder = {
  type: 'function',
  name: 'find_order',
  description: 'Finds an order by its id',
  parameters: {
    type: 'object',
    properties: { orderId: { type: 'string', description: 'Order id' } },
    required: ['orderId'],
  },
};
const user = (content: unknown) => ({ type: 'message', role: 'user', content });
const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const PDF = 'data:application/pdf;base64,JVBERi0xLjEKJSVFT0Y=';

/**
 * The cases of the compliance test of Open Responses that apply to a gateway
 * without stored state, and its refusal of the others.
 */
describe('Open Responses', () => {
  let fake: FakeProvider;
  let models: Awaited<ReturnType<typeof startModels>>;

  beforeAll(async () => {
    fake = await FakeProvider.create();
    models = await startModels({ fake });
  });

  afterAll(async () => {
    await models?.stop();
    await fake?.close();
  });

  const post = (body: object) =>
    fetch(`${models.url}/openai/v1/responses`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${mockCredentials.user.token()}`,
      },
      body: JSON.stringify(body),
    });

  const respond = async (body: object): Promise<ResponseObject> => {
    const response = await post(body);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch('application/json');
    return responseShape.parse(await response.json());
  };

  const stream = async (body: object): Promise<ResponseEvent[]> => {
    const response = await post({ ...body, stream: true });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch('text/event-stream');
    const events: ResponseEvent[] = [];
    for (const block of (await response.text()).split('\n\n')) {
      const name = /^event: (.*)$/m.exec(block)?.[1];
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data && data !== '[DONE]') {
        const event = eventShape.parse(JSON.parse(data));
        expect(name).toBe(event.type);
        events.push(event);
      }
    }
    expect(events.map(event => event.sequence_number)).toEqual(
      events.map((_event, index) => index),
    );
    return events;
  };

  const lastOf = (events: ResponseEvent[]): ResponseObject => {
    const last = events.at(-1)!;
    if (!('response' in last)) {
      throw new Error(`The stream ended with ${last.type}`);
    }
    return last.response as ResponseObject;
  };

  const textOf = ({ output }: ResponseObject) =>
    output
      .flatMap(item => (item.type === 'message' ? item.content : []))
      .map(part => (part.type === 'output_text' ? part.text : part.refusal))
      .join('');

  describe.each([
    ['OpenAI', 'fake/good', 'fake/tools'],
    ['Anthropic', 'claude/claude-fake', 'claude/claude-fake'],
    ['the built-in model', 'builtin/extractive', 'builtin/extractive'],
  ])('in front of %s', (_name, model, withTools) => {
    it('answers a text', async () => {
      const response = await respond({
        model,
        input: [user('Say hello in three words.')],
      });
      expect(response.status).toBe('completed');
      expect(response.completed_at).not.toBeNull();
      expect(textOf(response)).not.toBe('');
    });

    it('streams in the order of the specification', async () => {
      const events = await stream({ model, input: [user('Count to five.')] });
      const types = events.map(event => event.type);
      expect(types.slice(0, 4)).toEqual([
        'response.created',
        'response.in_progress',
        'response.output_item.added',
        'response.content_part.added',
      ]);
      const last = lastOf(events);
      expect(last.status).toBe('completed');
      const deltas = events.flatMap(event =>
        event.type === 'response.output_text.delta' ? event.delta : [],
      );
      expect(deltas.join('')).toBe(textOf(last));
      expectItemsToOpenAndClose(events, last);
    });

    it('takes a system prompt', async () => {
      const response = await respond({
        model,
        input: [
          {
            type: 'message',
            role: 'system',
            content: 'Always answer like a pirate.',
          },
          user('Say hello.'),
        ],
      });
      expect(response.status).toBe('completed');
      expect(response.output.length).toBeGreaterThan(0);
    });

    it('calls a tool', async () => {
      const response = await respond({
        model: withTools,
        input: [user('Where is the order A-1?')],
        tools: [findOrder],
      });
      expect(response.output).toContainEqual(
        expect.objectContaining({
          type: 'function_call',
          name: findOrder.name,
        }),
      );
      expect(response.tools).toEqual([{ ...findOrder, strict: null }]);
    });

    it('streams the call of a tool', async () => {
      const events = await stream({
        model: withTools,
        input: [user('Where is the order A-1?')],
        tools: [findOrder],
      });
      expect(events.map(event => event.type)).toEqual(
        expect.arrayContaining([
          'response.output_item.added',
          'response.function_call_arguments.delta',
          'response.function_call_arguments.done',
          'response.output_item.done',
        ]),
      );
      expectItemsToOpenAndClose(events, lastOf(events));
    });

    it('takes the output of a tool, with the call that it belongs to', async () => {
      const first = await respond({
        model: withTools,
        input: 'Where is the order A-1?',
        tools: [findOrder],
        tool_choice: { type: 'function', name: findOrder.name },
      });
      const call = first.output.find(item => item.type === 'function_call')!;
      const response = await respond({
        model: withTools,
        input: [
          user('Where is the order A-1?'),
          call,
          {
            type: 'function_call_output',
            call_id: call.call_id,
            output: 'It is on its way.',
          },
        ],
      });
      expect(response.status).toBe('completed');
      expect(response.output.length).toBeGreaterThan(0);
    });

    it('takes several turns', async () => {
      const response = await respond({
        model,
        input: [
          user('My name is Alice.'),
          {
            type: 'message',
            role: 'assistant',
            content: [{ type: 'output_text', text: 'Hello Alice!' }],
            phase: 'final_answer',
          },
          user('What is my name?'),
        ],
      });
      expect(response.status).toBe('completed');
      expect(textOf(response)).not.toBe('');
    });
  });

  it.each([
    ['OpenAI', 'fake/good'],
    ['Anthropic', 'claude/claude-fake'],
  ])('hands images and files on to %s', async (_name, model) => {
    const response = await respond({
      model,
      input: [
        user([
          { type: 'input_text', text: 'What is in these?' },
          { type: 'input_image', image_url: PIXEL },
          { type: 'input_file', filename: 'a.pdf', file_data: PDF },
        ]),
      ],
    });
    expect(response.status).toBe('completed');
    expect(response.output.length).toBeGreaterThan(0);
    expect(fake.last.text).toContain(PIXEL.split(',')[1]);
    expect(fake.last.text).toContain(PDF.split(',')[1]);
  });

  it('tells the settings that were asked for', async () => {
    const schema = { type: 'object', properties: {}, required: [] };
    const response = await respond({
      model: 'fake/good',
      input: 'Hello',
      instructions: 'Be brief.',
      temperature: 0.3,
      top_p: 0.8,
      presence_penalty: 0.1,
      frequency_penalty: 0.2,
      max_output_tokens: 64,
      metadata: { ticket: '7' },
      parallel_tool_calls: false,
      safety_identifier: 'someone',
      text: {
        format: { type: 'json_schema', name: 'answer', schema },
        verbosity: 'low',
      },
    });
    expect(response).toMatchObject({
      instructions: 'Be brief.',
      temperature: 0.3,
      top_p: 0.8,
      presence_penalty: 0.1,
      frequency_penalty: 0.2,
      max_output_tokens: 64,
      metadata: { ticket: '7' },
      parallel_tool_calls: false,
      safety_identifier: 'someone',
      text: {
        format: {
          type: 'json_schema',
          name: 'answer',
          description: null,
          schema,
          strict: false,
        },
        verbosity: 'low',
      },
    });
    expect(fake.last.json).toMatchObject({
      presence_penalty: 0.1,
      frequency_penalty: 0.2,
      response_format: { json_schema: { name: 'answer', schema } },
    });
  });

  it('ends a stream that breaks with an event that says so', async () => {
    const events = await stream({ model: 'fake/cut', input: 'Hello' });
    const last = lastOf(events);
    expect(last.status).toBe('failed');
    expect(last.error?.code).toBe('provider_stream_cut');
  });

  it.each([
    ['previous_response_id', { previous_response_id: 'resp_1' }],
    ['store', { store: true }],
    ['background', { background: true }],
    [
      'file_search',
      { tools: [{ type: 'file_search', vector_store_ids: ['vs_1'] }] },
    ],
    ['web_search', { tools: [{ type: 'web_search' }] }],
  ])('refuses %s and says what to do', async (name, body) => {
    const response = await post({ model: 'fake/good', input: 'Hi', ...body });
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: any };
    expect(error).toMatchObject({
      type: 'invalid_request_error',
      code: 'invalid_request',
    });
    expect(error.message).toContain(name);
  });
});

/** Each item opens once and closes once, and is then what the response holds. */
function expectItemsToOpenAndClose(
  events: ResponseEvent[],
  last: ResponseObject,
): void {
  for (const [index, item] of last.output.entries()) {
    const of = (type: string) =>
      events.flatMap((event, at) =>
        event.type === type &&
        'output_index' in event &&
        event.output_index === index
          ? [{ at, event }]
          : [],
      );
    const added = of('response.output_item.added');
    const done = of('response.output_item.done');
    expect([added.length, done.length]).toEqual([1, 1]);
    expect(added[0].at).toBeLessThan(done[0].at);
    expect(added[0].event).toMatchObject({ item: { id: item.id } });
    expect(done[0].event).toMatchObject({ item });
  }
}
