import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { anthropicMessage, streamAnthropic } from './anthropicAnswers';
import { answerPassed, PASSED_MODELS } from './passedAnswers';
import { fakeResponse, streamResponse } from './responsesAnswers';

/** A request as the provider got it. */
export interface Received {
  path: string;
  headers: IncomingMessage['headers'];
  text: string;
  json: any;
  /** The gateway went away before the answer was over. */
  aborted: boolean;
}

/** A fault of a model that otherwise answers. */
export interface Mood {
  status?: number;
  message?: string;
  headers?: Record<string, string>;
  delayMs?: number;
}

/** Models of the fake, each with a habit of its own. */
export const FAKE_MODELS = [
  'good',
  'tools',
  'rate-limited',
  'broken',
  'slow',
  'cut',
  'no-usage',
  'odd-usage',
  'bad-key',
  'rubbish',
  'hanging',
  'refusing',
  'text-embedding-good',
  ...PASSED_MODELS,
];

const USAGE = {
  prompt_tokens: 1000,
  completion_tokens: 200,
  total_tokens: 1200,
  prompt_tokens_details: { cached_tokens: 400 },
  completion_tokens_details: { reasoning_tokens: 50 },
};

/**
 * A provider over real HTTP that speaks OpenAI's and Anthropic's wire formats
 * and has the faults that providers have.
 */
export class FakeProvider {
  readonly received: Received[] = [];
  /** What a model does before it answers, for faults that come and go. */
  readonly moods = new Map<string, Mood>();
  /** What a model of OpenAI's form answers in place of its habit, in pieces. */
  readonly says = new Map<string, Said>();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async create(): Promise<FakeProvider> {
    const server = createServer();
    const fake = new FakeProvider(server);
    server.on('request', (request, response) => {
      fake.#answer(request, response).catch(() => response.destroy());
    });
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get last(): Received {
    return this.received.at(-1)!;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => {
      this.#server.close(resolve);
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse) {
    const path = request.url!.split('?')[0];
    if (path === '/v1/models') {
      return send(response, 200, {
        object: 'list',
        data: FAKE_MODELS.map(id => ({ id, object: 'model' })),
      });
    }
    if (path === '/anthropic/v1/models') {
      return send(response, 200, {
        data: [
          { id: 'claude-fake', display_name: 'Claude Fake' },
          { id: 'claude-cut', display_name: 'Claude Cut' },
          { id: 'claude-sonnet-4-5-20250929', display_name: 'Sonnet' },
          { id: 'claude-opus-5', display_name: 'Opus' },
        ],
      });
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk);
    }
    const isForm = request.headers['content-type']?.startsWith('multipart/');
    const text = Buffer.concat(chunks).toString(isForm ? 'latin1' : 'utf8');
    const received: Received = {
      path,
      headers: request.headers,
      text,
      json: isForm ? {} : JSON.parse(text),
      aborted: false,
    };
    this.received.push(received);
    response.on('close', () => {
      received.aborted = !response.writableFinished;
    });
    if (answerPassed(received, response)) {
      return undefined;
    }
    if (path === '/v1/responses') {
      return received.json.stream
        ? streamResponse(response, received.json.model)
        : send(response, 200, fakeResponse(received.json.model));
    }
    if (path === '/anthropic/v1/messages/count_tokens') {
      return send(response, 200, { input_tokens: 42 });
    }
    if (path === '/anthropic/v1/messages') {
      return received.json.stream
        ? streamAnthropic(response, received.json)
        : send(response, 200, anthropicMessage(received.json));
    }
    if (path === '/v1/embeddings') {
      return send(response, 200, {
        object: 'list',
        model: received.json.model,
        data: [{ object: 'embedding', index: 0, embedding: [0.5, -0.5] }],
        usage: { prompt_tokens: 8, total_tokens: 8 },
      });
    }
    const mood = this.moods.get(received.json.model);
    if (mood?.delayMs) {
      await sleep(mood.delayMs);
    }
    return mood?.status
      ? send(
          response,
          mood.status,
          { error: { message: mood.message ?? 'No' } },
          mood.headers,
        )
      : answerChat(received, response, this.says.get(received.json.model));
  }
}

interface Said {
  text?: string[];
  call?: string[];
}

async function answerChat(
  received: Received,
  response: ServerResponse,
  said?: Said,
) {
  const { model, stream } = received.json;
  switch (model) {
    case 'rate-limited':
      return send(
        response,
        429,
        { error: { message: 'Slow down' } },
        { 'retry-after': '7' },
      );
    case 'broken':
      return send(response, 500, { error: { message: 'Boom' } });
    case 'bad-key':
      return send(response, 401, {
        error: { message: 'Incorrect API key provided: sk-test-secret' },
      });
    case 'refusing':
      return send(response, 400, {
        error: { message: 'temperature must be at most 2' },
      });
    case 'hanging':
      return undefined;
    case 'rubbish':
      response.writeHead(200, { 'content-type': 'text/html' });
      return response.end('<html>Welcome to nginx</html>');
    default:
  }
  return stream
    ? streamChat(received, response, said)
    : send(response, 200, completion(model));
}

function completion(model: string) {
  const message =
    model === 'tools'
      ? { role: 'assistant', content: null, tool_calls: [toolCall()] }
      : { role: 'assistant', content: 'Hello there' };
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model,
    vendor_field: 12345678901234567890n,
    choices: [
      {
        index: 0,
        message,
        finish_reason: model === 'tools' ? 'tool_calls' : 'stop',
      },
    ],
    ...(model !== 'no-usage' && { usage: USAGE }),
  };
}

function toolCall() {
  return {
    id: 'call_1',
    type: 'function',
    function: { name: 'find_order', arguments: '{"orderId":"A-1"}' },
  };
}

async function streamChat(
  { json }: Received,
  response: ServerResponse,
  said?: Said,
) {
  const { model } = json;
  const head = {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model,
  };
  const event = (body: object) =>
    response.write(`data: ${JSON.stringify({ ...head, ...body })}\n\n`);
  const delta = (content: object, finish: string | null = null) => ({
    choices: [{ index: 0, delta: content, finish_reason: finish }],
  });
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (said) {
    for (const content of said.text ?? []) event(delta({ content }));
    for (const [i, written] of (said.call ?? []).entries()) {
      const call = { index: 0, ...(i === 0 && toolCall()) };
      event(
        delta({
          tool_calls: [
            { ...call, function: { name: 'send', arguments: written } },
          ],
        }),
      );
    }
    event(delta({}, said.call ? 'tool_calls' : 'stop'));
    return response.end('data: [DONE]\n\n');
  }
  event(delta({ role: 'assistant', content: 'Hel' }));
  if (model === 'slow') {
    for (let i = 0; i < 200 && !response.destroyed; i += 1) {
      await sleep(25);
      event(delta({ content: `word ${i} ` }));
    }
    return response.end();
  }
  if (model === 'cut') {
    event(delta({ content: 'lo the' }));
    await sleep(20);
    return response.destroy();
  }
  if (model === 'tools') {
    event(delta({ tool_calls: [{ index: 0, ...toolCall() }] }, 'tool_calls'));
  } else {
    event(delta({ content: 'lo' }));
    event(delta({}, 'stop'));
  }
  if (model === 'odd-usage') {
    event({ ...delta({}), usage: { prompt_tokens: 1, completion_tokens: 1 } });
    event({ choices: [{}], usage: USAGE });
    event({ choices: [], usage: null });
  } else if (model !== 'no-usage' && json.stream_options?.include_usage) {
    event({ choices: [], usage: USAGE });
  }
  return response.end('data: [DONE]\n\n');
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
) {
  // The vendor field is a number beyond double precision, as some providers send.
  const text = JSON.stringify(body, (_key, value) =>
    typeof value === 'bigint' ? `#${value}#` : value,
  ).replace(/"#(\d+)#"/g, '$1');
  response.writeHead(status, {
    'content-type': 'application/json',
    ...headers,
  });
  response.end(text);
}
