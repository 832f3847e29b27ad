import type { CallToolResult } from '@modelcontextprotocol/client';
import { getEventListeners } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { mockServices } from '@backstage/backend-test-utils';
import { ConfigReader } from '@backstage/config';
import { plain, v2Server } from '../__testUtils__/mcpServers';
import { readToolsConfig } from '../config/readToolsConfig';
import { filterTools } from './filterTools';
import { Exchange } from './guardedFetch';
import { UpstreamConnections } from './UpstreamConnections';
import { UpstreamTargets } from './UpstreamTargets';

// Counted, and still the real one.
jest.mock('./filterTools', () => {
  const actual = jest.requireActual('./filterTools');
  return { ...actual, filterTools: jest.fn(actual.filterTools) };
});

function open() {
  return new UpstreamConnections({
    targets: new UpstreamTargets({
      auth: mockServices.auth(),
      discovery: mockServices.discovery(),
      config: readToolsConfig(
        new ConfigReader({ tools: { allowedHosts: ['127.0.0.1'] } }),
      ),
    }),
    logger: mockServices.logger.mock(),
    connectTimeoutMs: 3_000,
    maxResponseBytes: 4_000_000,
    maxTools: 10,
  });
}

const call = (
  connections: UpstreamConnections,
  url: string,
): Promise<CallToolResult> => {
  const exchange = new Exchange({});
  return connections.call(
    { ref: 'api:default/a', url, isVerified: true },
    { identity: '', repeatable: false, exchange },
    client =>
      client.callTool(
        { name: 'greedy', arguments: {} },
        { signal: exchange.signal },
      ),
  );
};

describe('Exchange', () => {
  it('is aborted with what it belongs to, until it is over', () => {
    const controller = new AbortController();
    const { signal } = controller;
    const ended = new Exchange({ signal });
    const current = new Exchange({ signal });
    ended.end();
    // A round of visits has one signal for thousands of them.
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    controller.abort('gone');
    expect(current.signal.reason).toBe('gone');
    expect(ended.signal.aborted).toBe(false);
  });
});

describe('UpstreamConnections', () => {
  it('collects nothing of what comes over a connection that is kept', async () => {
    const { url } = await v2Server({
      tools: [plain('greedy')],
      call: () => ({ content: [], tools: [{ name: 1 }, { name: 2 }] }),
    });
    const connections = open();
    await call(connections, url);
    const rejected: object[] = jest
      .mocked(filterTools)
      .mock.calls.flatMap(([, collected]) => collected);
    expect(rejected).toEqual([]);
    await connections.closeAll();
  });

  it.each([
    [
      'blocks',
      `"content":[${'{"type":"text","text":"a"},'.repeat(
        100_000,
      )}{"type":"text","text":"a"}]`,
    ],
    [
      'members',
      `"content":[],"structuredContent":{${Array.from(
        { length: 90_000 },
        (_, i) => `"k${i}":1`,
      )}}`,
    ],
    [
      'levels',
      `"content":[],"structuredContent":{"a":${'['.repeat(5_000)}${']'.repeat(
        5_000,
      )}}`,
    ],
    [
      'blocks behind a quote that is left open',
      `"content":[${'{"type":"text","text":"a"},'.repeat(
        100_000,
      )}{"type":"text","text":"a"}]`,
      ': "\n',
    ],
  ])(
    'refuses an answer with too many %s before it is parsed',
    async (_what, result, comment = '') => {
      const server = await rawServer(result, comment);
      const connections = open();
      const refusal = await call(connections, server.url).catch(error => error);
      expect(refusal).toMatchObject({ code: 'too_large' });
      expect(String(refusal)).toMatch(/it sent (more than 30000|values)/);
      await connections.closeAll();
      await server.close();
    },
  );

  it('reads what a server packs although it was asked not to, and no more than else', async () => {
    const answerOf = async (text: string) => {
      const server = await rawServer(
        `"content":[{"type":"text","text":"${text}"}]`,
        '',
        gzipSync,
      );
      const connections = open();
      const answer = await call(connections, server.url).catch(error => error);
      await connections.closeAll();
      await server.close();
      return answer;
    };
    expect(await answerOf('packed')).toMatchObject({
      content: [{ text: 'packed' }],
    });
    expect(await answerOf('x'.repeat(20_000_000))).toMatchObject({
      code: 'too_large',
    });
  });

  it('passes on the first blocks of an answer, and says how many there were', async () => {
    const block = { type: 'text' as const, text: 'a' };
    const { url } = await v2Server({
      tools: [plain('greedy')],
      call: () => ({ content: Array.from({ length: 2_500 }, () => block) }),
    });
    const connections = open();
    const { content } = await call(connections, url);
    expect(content).toHaveLength(1_001);
    expect(content[0]).toMatchObject({
      text: expect.stringContaining('has 2500 blocks'),
    });
    await connections.closeAll();
  });
});

/** A server that answers a call with a text, in an event stream after a comment. */
async function rawServer(
  result: string,
  comment: string,
  pack?: (text: string) => Buffer,
) {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) {
      body += chunk;
    }
    const { id, method, params } = JSON.parse(body || '{}');
    if (id === undefined) {
      response.writeHead(202).end();
      return;
    }
    if (method === 'initialize') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(
        JSON.stringify({
          jsonrpc: '2.0',
          id,
          result: {
            protocolVersion: params.protocolVersion,
            capabilities: { tools: {} },
            serverInfo: { name: 'raw', version: '1' },
          },
        }),
      );
      return;
    }
    if (method !== 'tools/call') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(
        JSON.stringify({
          jsonrpc: '2.0',
          id,
          error: { code: -32601, message: 'no such method' },
        }),
      );
      return;
    }
    const answer = `${comment}event: message\ndata: {"jsonrpc":"2.0","id":${JSON.stringify(
      id,
    )},"result":{${result}}}\n\n`;
    response
      .writeHead(200, {
        'content-type': 'text/event-stream',
        ...(pack && { 'content-encoding': 'gzip' }),
      })
      .end(pack?.(answer) ?? answer);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    close: () => {
      server.closeAllConnections();
      return new Promise(resolve => server.close(resolve));
    },
  };
}
