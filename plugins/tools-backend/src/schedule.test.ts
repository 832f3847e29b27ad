import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { ToolsClient } from '@agentportal/plugin-tools-common';
import { findOrder, v2Server } from './__testUtils__/mcpServers';
import { api, startTools } from './__testUtils__/startTools';

jest.setTimeout(60_000);

describe('schedule', () => {
  it('visits servers without being asked, and again only when it is time', async () => {
    const orders = await v2Server({ tools: [findOrder] });
    const scheduler = mockServices.scheduler();
    const { baseUrl } = await startTools({
      entities: [api('orders', orders.url)],
      config: { refreshInterval: { seconds: 3 } },
      features: [
        (scheduler as any).factory({
          includeInitialDelayedTasksOnStartup: true,
        }),
      ],
    });
    const client = new ToolsClient({
      discoveryApi: { getBaseUrl: async () => baseUrl },
      fetchApi: { fetch },
    });
    const options = { token: mockCredentials.user.token() };
    let servers = await client.listServers({}, options);
    for (let i = 0; i < 50 && servers.items.length === 0; i++) {
      await new Promise(resolve => setTimeout(resolve, 100));
      servers = await client.listServers({}, options);
    }
    expect(servers.items).toMatchObject([{ name: 'orders', status: 'up' }]);

    const visits = orders.requests.length;
    await scheduler.triggerTask('refresh-tool-servers');
    expect(orders.requests.length).toBe(visits);
    await new Promise(resolve => setTimeout(resolve, 3_100));
    await scheduler.triggerTask('refresh-tool-servers');
    expect(orders.requests.length).toBeGreaterThan(visits);
  });
});
