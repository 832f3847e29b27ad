import http from 'node:http';
import request from 'supertest';
import { cancelOrder, findOrder, v2Server } from './__testUtils__/mcpServers';
import { api, asUser, startTools } from './__testUtils__/startTools';

jest.setTimeout(60_000);

const deep = (levels: number) =>
  `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
const call = '/api/tools/tools/orders.find_order/call';

const INPUTS: Array<[method: string, path: string, body?: string]> = [
  ['get', '/api/tools/tools?limit=101'],
  ['get', '/api/tools/tools?limit=0'],
  ['get', '/api/tools/tools?limit=1e9'],
  ['get', '/api/tools/tools?cursor=xx'],
  ['get', '/api/tools/tools?cursor='],
  ['get', '/api/tools/servers?cursor=WzFd'],
  ['get', '/api/tools/tools?stats=perhaps'],
  ['get', '/api/tools/tools?riskTier=none'],
  ['get', '/api/tools/tools?colour=red'],
  ['get', `/api/tools/tools?q=${'x'.repeat(1_001)}`],
  ['get', '/api/tools/tools/%00'],
  ['get', '/api/tools/tools/%F0%9F%98%80'],
  ['get', '/api/tools/tools/%ff'],
  ['get', '/api/tools/tools/%2f/call'],
  ['get', '/api/tools/tools/__proto__'],
  ['get', '/api/tools/nothing'],
  ['delete', '/api/tools/tools/orders.find_order'],
  ['put', '/api/tools/servers'],
  ['post', '/api/tools/servers/refresh', '{"serverRef":""}'],
  [
    'post',
    '/api/tools/servers/refresh',
    '{"serverRef":"api:default/\u{1f600}"}',
  ],
  ['post', '/api/tools/servers/refresh', '{"serverRef":"__proto__"}'],
  ['post', '/api/tools/servers/refresh', '{"serverRef":7}'],
  ['post', '/api/tools/servers/refresh', '[]'],
  ['post', call, ''],
  ['post', call, '{'],
  ['post', call, 'null'],
  ['post', call, '{"arguments":[]}'],
  ['post', call, '{"arguments":{},"more":1}'],
  ['post', call, '{"arguments":{"orderId":1e400}}'],
  ['post', call, '{"arguments":{"orderId":"\\ud83d"}}'],
  ['post', call, '{"arguments":{"__proto__":{"orderId":"1"}}}'],
  ['post', call.replace('find', 'cancel'), `{"arguments":${deep(150)}}`],
  ['post', call.replace('find', 'cancel'), `{"arguments":${deep(100_000)}}`],
  ['post', call, `{"arguments":{"orderId":"${'x'.repeat(1_100_000)}"}}`],
  ['post', '/api/tools/mcp', '{'],
  ['post', '/api/tools/mcp', deep(100_000)],
  ['post', '/api/tools/mcp', `"${'x'.repeat(1_100_000)}"`],
];

const parsed = (text: string) => {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
};

describe('bad input', () => {
  let server: Awaited<ReturnType<typeof startTools>>['server'];
  let baseUrl: string;

  beforeAll(async () => {
    const orders = await v2Server({ tools: [findOrder, cancelOrder] });
    ({ server, baseUrl } = await startTools({
      entities: [api('orders', orders.url)],
    }));
    await request(server).post('/api/tools/servers/refresh').set(asUser);
  });

  it('is answered with a 4xx and words', async () => {
    const wrong: unknown[] = [];
    for (const input of INPUTS) {
      const { status, text } = await send(...input);
      const { error, response } = parsed(text);
      if (
        !(status >= 400 && status < 500) ||
        !/Error$/.test(error?.name) ||
        !/\w+ \w+/.test(error?.message) ||
        response?.statusCode !== status
      ) {
        wrong.push([...input.map(part => part?.slice(0, 60)), status, text]);
      }
    }
    expect(wrong).toEqual([]);
  });

  /** As it is, without a client that would mend it. */
  async function send(method: string, path: string, body?: string) {
    const { port } = new URL(baseUrl);
    return new Promise<{ status: number; text: string }>((resolve, reject) => {
      const outgoing = http.request(
        {
          port,
          method,
          path,
          headers: { ...asUser, 'content-type': 'application/json' },
        },
        async answer => {
          let text = '';
          for await (const chunk of answer) text += chunk;
          resolve({ status: answer.statusCode!, text });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
});
