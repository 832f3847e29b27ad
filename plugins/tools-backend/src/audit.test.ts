import { auditLogServiceRef } from '@agentportal/plugin-agents-node';
import type { AuditRecord } from '@agentportal/plugin-governance-common';
import { createServiceFactory } from '@backstage/backend-plugin-api';
import { ServiceUnavailableError } from '@backstage/errors';
import { plain, v2Server } from './__testUtils__/mcpServers';
import { driveTools } from './__testUtils__/startTools';

jest.setTimeout(60_000);

it('makes no call of a high tier while the audit log is away', async () => {
  const called: string[] = [];
  const orders = await v2Server({
    tools: [plain('pay'), plain('find')],
    call: name => {
      called.push(name);
      return { content: [{ type: 'text', text: 'Done' }] };
    },
  });
  const told: AuditRecord[] = [];
  let away = true;
  const tools = await driveTools(
    { orders: orders.url },
    {
      servers: {
        orders: {
          url: orders.url,
          riskTiers: { pay: 'external', find: 'read' },
        },
      },
    },
    {
      features: [
        createServiceFactory({
          service: auditLogServiceRef,
          deps: {},
          factory: () => ({
            record: async record => {
              if (away) throw new ServiceUnavailableError('The log is away');
              told.push(record);
            },
            note: async record => {
              told.push(record);
            },
          }),
        }),
      ],
    },
  );
  await tools.refresh();

  await tools.refuse('orders.pay', 503);
  expect((await tools.call('orders.find')).isError).toBe(false);
  expect(called).toEqual(['find']);
  away = false;
  await tools.call('orders.pay');
  expect(called).toEqual(['find', 'pay']);
  expect(told.map(({ resource, outcome }) => `${resource} ${outcome}`)).toEqual(
    [
      'tool:default/orders.pay failed',
      'tool:default/orders.find succeeded',
      'tool:default/orders.pay started',
      'tool:default/orders.pay succeeded',
    ],
  );
  await tools.stop();
});
