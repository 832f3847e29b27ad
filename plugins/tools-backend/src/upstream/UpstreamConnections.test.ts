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

describe('UpstreamConnections', () => {
  it('collects nothing of what comes over a connection that is kept', async () => {
    const { url } = await v2Server({
      tools: [plain('greedy')],
      call: () => ({ content: [], tools: [{ name: 1 }, { name: 2 }] }),
    });
    const connections = new UpstreamConnections({
      targets: new UpstreamTargets({
        auth: mockServices.auth(),
        discovery: mockServices.discovery(),
        config: readToolsConfig(
          new ConfigReader({ tools: { allowedHosts: ['127.0.0.1'] } }),
        ),
      }),
      logger: mockServices.logger.mock(),
      connectTimeoutMs: 3_000,
      maxResponseBytes: 100_000,
      maxTools: 10,
    });
    const server = { ref: 'api:default/a', url, isVerified: true };
    await connections.call(
      server,
      { identity: '', repeatable: false, exchange: new Exchange({}) },
      client => client.callTool({ name: 'greedy', arguments: {} }),
    );
    const rejected: object[] = jest
      .mocked(filterTools)
      .mock.calls.flatMap(call => call[1]);
    expect(rejected).toEqual([]);
    await connections.closeAll();
  });
});
