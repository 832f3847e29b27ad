import { ConfigReader } from '@backstage/config';
import { CatalogTrust } from '@agentportal/plugin-agents-node';
import { api, REGISTERED } from '../__testUtils__/startTools';
import { readToolsConfig } from '../config/readToolsConfig';
import { judgeTool } from './judgeTool';
import type { ToolRecord } from './records';
import { serverEntryOf } from './serverEntry';

const tool = (toolName: string) =>
  ({ toolName, hintedTier: 'read' } as ToolRecord);

describe('judgeTool', () => {
  it('takes tiers of app-config from another address upwards only', () => {
    const { settingsOf } = readToolsConfig(
      new ConfigReader({
        tools: {
          servers: {
            orders: {
              hosts: ['orders.example.com'],
              riskTiers: { cancel: 'read', refund: 'forbidden' },
            },
          },
        },
      }),
    );
    const judge = {
      trust: CatalogTrust.fromConfig(new ConfigReader({})),
      settingsOf,
    };
    const tiersAt = (url: string) => {
      const entity = api('orders', url, { origin: REGISTERED });
      const server = serverEntryOf(entity, settingsOf('api:default/orders'));
      return ['cancel', 'refund'].map(
        name => judgeTool(judge, tool(name), server, undefined).riskTier,
      );
    };
    expect(tiersAt('https://orders.example.com/mcp')).toEqual([
      'read',
      'forbidden',
    ]);
    expect(tiersAt('https://evil.example.net/mcp')).toEqual([
      'external',
      'forbidden',
    ]);
  });
});
