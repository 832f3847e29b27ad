import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const USAGE = {
  promptTokenCount: 100,
  cachedContentTokenCount: 40,
  toolUsePromptTokenCount: 5,
  candidatesTokenCount: 20,
  thoughtsTokenCount: 30,
  totalTokenCount: 155,
};

const PARTS = [
  { text: 'Hm, an order.', thought: true },
  { text: 'Let me look.' },
  {
    functionCall: { name: 'find_order', args: { orderId: 'A-1' } },
    thoughtSignature: 'c2lnbmVk',
  },
];

/** A server over real HTTP that speaks Google's Gemini API. */
export class FakeGemini {
  readonly received: Array<{
    url: string;
    headers: IncomingMessage['headers'];
    json: any;
  }> = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async create(): Promise<FakeGemini> {
    const server = createServer();
    const fake = new FakeGemini(server);
    server.on('request', async (request, response) => {
      const url = request.url!;
      const send = (status: number, body: object) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      };
      if (request.method === 'GET') {
        send(200, {
          models: ['gemini-3-fake', 'bad-key', 'cut', 'blocked'].map(name => ({
            name: `models/${name}`,
            displayName: 'Gemini Fake',
            inputTokenLimit: 1_000_000,
            outputTokenLimit: 65_536,
            supportedGenerationMethods: ['generateContent'],
          })),
        });
        return;
      }
      const chunks: Buffer[] = [];
      for await (const chunk of request) {
        chunks.push(chunk);
      }
      const json = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      fake.received.push({ url, headers: request.headers, json });
      if (url.includes('bad-key')) {
        send(400, {
          error: {
            code: 400,
            status: 'INVALID_ARGUMENT',
            message: 'API key not valid. Please pass a valid API key.',
          },
        });
      } else if (url.includes('blocked')) {
        send(200, {
          promptFeedback: { blockReason: 'SAFETY' },
          usageMetadata: { promptTokenCount: 7 },
        });
      } else if (url.includes(':streamGenerateContent?alt=sse')) {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const pieces = url.includes('cut') ? PARTS.slice(0, 2) : PARTS;
        for (const part of pieces) {
          const last = part === PARTS.at(-1);
          response.write(
            `data: ${JSON.stringify(
              answer([part], last ? 'STOP' : undefined),
            )}\r\n\r\n`,
          );
        }
        response.end();
      } else {
        send(200, answer(PARTS, 'STOP'));
      }
    });
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return fake;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/v1beta`;
  }

  get last() {
    return this.received.at(-1)!;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => {
      this.#server.close(resolve);
    });
  }
}

function answer(parts: object[], finishReason?: string) {
  return {
    responseId: 'r1',
    modelVersion: 'gemini-3-fake',
    candidates: [{ content: { role: 'model', parts }, finishReason, index: 0 }],
    usageMetadata: USAGE,
  };
}
