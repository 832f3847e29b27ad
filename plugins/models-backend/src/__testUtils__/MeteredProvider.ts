import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Json = { [key: string]: unknown };

/** What the next answers say that they used, in the provider's own words. */
export interface Meter {
  openai?: { usage: Json; service_tier?: string };
  anthropic?: Json;
  gemini?: Json;
}

/**
 * Providers over real HTTP under the model ids of the published price list,
 * whose answers say what the test wants them to have used.
 */
export class MeteredProvider {
  meter: Meter = {};
  /** What `/prices.json` answers; without it the server is broken. */
  priceList?: string;
  priceListRequests = 0;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async create(): Promise<MeteredProvider> {
    const server = createServer();
    const provider = new MeteredProvider(server);
    server.on('request', async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) {
        chunks.push(chunk);
      }
      const body = JSON.parse(Buffer.concat(chunks).toString() || '{}');
      provider.#answer(request.url!.split('?')[0], body, response);
    });
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return provider;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** As configuration names them. */
  get providers() {
    return [
      {
        id: 'metered',
        type: 'openai',
        baseUrl: `${this.url}/openai`,
        priceList: 'openai',
      },
      { id: 'sonnet', type: 'anthropic', baseUrl: `${this.url}/anthropic` },
      { id: 'google', type: 'gemini', baseUrl: `${this.url}/gemini` },
    ];
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => {
      this.#server.close(resolve);
    });
  }

  #answer(path: string, body: any, response: ServerResponse) {
    if (path === '/prices.json') {
      this.priceListRequests += 1;
      return this.priceList === undefined
        ? send(response, 503, {})
        : response.end(this.priceList);
    }
    if (path === '/openai/models') {
      const ids = ['gpt-5.1', 'gpt-4o-audio', 'mystery'];
      return send(response, 200, { data: ids.map(id => ({ id })) });
    }
    if (path === '/anthropic/v1/models') {
      return send(response, 200, { data: [{ id: 'claude-sonnet-4-5' }] });
    }
    if (path === '/gemini/models') {
      return send(response, 200, {
        models: [
          {
            name: 'models/gemini-2.5-flash',
            supportedGenerationMethods: ['generateContent'],
          },
        ],
      });
    }
    if (path === '/openai/chat/completions') {
      return answerOpenAi(body, this.meter.openai!, response);
    }
    if (path === '/anthropic/v1/messages') {
      return answerAnthropic(body, this.meter.anthropic!, response);
    }
    return send(response, 200, {
      candidates: [
        { content: { parts: [{ text: 'Hello' }] }, finishReason: 'STOP' },
      ],
      usageMetadata: this.meter.gemini,
    });
  }
}

function answerOpenAi(
  { model, stream }: any,
  meter: NonNullable<Meter['openai']>,
  response: ServerResponse,
) {
  const head = { id: 'chatcmpl-1', created: 1, model };
  const { usage, ...tier } = meter;
  if (!stream) {
    const message = { role: 'assistant', content: 'Hello' };
    return send(response, 200, {
      ...head,
      ...tier,
      object: 'chat.completion',
      choices: [{ index: 0, message, finish_reason: 'stop' }],
      usage,
    });
  }
  const chunk = (rest: Json) =>
    response.write(
      `data: ${JSON.stringify({
        ...head,
        ...tier,
        object: 'chat.completion.chunk',
        ...rest,
      })}\n\n`,
    );
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  chunk({
    choices: [{ index: 0, delta: { content: 'Hello' }, finish_reason: 'stop' }],
  });
  chunk({ choices: [], usage });
  return response.end('data: [DONE]\n\n');
}

function answerAnthropic(
  { model, stream }: any,
  usage: Json,
  response: ServerResponse,
) {
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model,
    content: [{ type: 'text', text: 'Hello' }],
    stop_reason: 'end_turn',
    usage,
  };
  if (!stream) {
    return send(response, 200, message);
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const event = (body: { type: string; [key: string]: unknown }) =>
    response.write(`event: ${body.type}\ndata: ${JSON.stringify(body)}\n\n`);
  event({
    type: 'message_start',
    message: { ...message, content: [], usage: { ...usage, output_tokens: 1 } },
  });
  event({
    type: 'content_block_start',
    index: 0,
    content_block: { type: 'text', text: '' },
  });
  event({
    type: 'content_block_delta',
    index: 0,
    delta: { type: 'text_delta', text: 'Hello' },
  });
  event({ type: 'content_block_stop', index: 0 });
  event({
    type: 'message_delta',
    delta: { stop_reason: 'end_turn' },
    usage: { output_tokens: usage.output_tokens },
  });
  event({ type: 'message_stop' });
  return response.end();
}

function send(response: ServerResponse, status: number, body: unknown) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
