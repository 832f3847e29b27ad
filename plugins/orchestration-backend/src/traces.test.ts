// The trace of a run, in the plugin that keeps it.
/* eslint-disable @backstage/no-mixed-plugin-imports */
import tracesPlugin from '@agentportal/plugin-traces-backend';
import { TracesClient } from '@agentportal/plugin-traces-common';
import type { PortalSpan } from '@agentportal/plugin-traces-node';
import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { randomUUID } from 'node:crypto';
import { agent, startPortal } from './__testUtils__/portal';
import { ToolGateway } from './__testUtils__/toolGateway';
import { traceRuns } from './events/traceRuns';

const service = {
  token: mockCredentials.service.token({
    onBehalfOf: mockCredentials.service('plugin:evals'),
    targetPluginId: 'traces',
  }),
};

async function startWithTraces(options: Parameters<typeof startPortal>[0]) {
  const portal = await startPortal({ ...options, services: [tracesPlugin] });
  const client = new TracesClient({
    discoveryApi: {
      getBaseUrl: async () =>
        `http://localhost:${portal.server.port()}/api/traces`,
    },
    fetchApi: { fetch },
  });
  const traceOf = async (runId: string) => {
    const traceId = runId.replaceAll('-', '');
    const deadline = Date.now() + 30_000;
    for (;;) {
      try {
        return {
          trace: await client.getTrace(traceId, service),
          spans: await client.listSpans(traceId, {}, service),
        };
      } catch (error) {
        if (Date.now() > deadline) {
          throw error;
        }
        await new Promise(resolve => setTimeout(resolve, 100));
      }
    }
  };
  return { portal, traceOf };
}

describe('a run', () => {
  it('has a trace with its id: its steps, what they cost, for whom they were, of what they failed', async () => {
    const { portal, traceOf } = await startWithTraces({
      entities: [agent('desk', { tools: ['tool:default/orders.find_order'] })],
      model: [
        { toolCalls: [{ name: 'orders__find_order', args: { number: '42' } }] },
        { text: 'It is on its way.' },
        // Cut off in the middle of a call.
        {
          chunks: [
            {
              delta: {
                role: 'assistant',
                tool_calls: [
                  {
                    index: 0,
                    id: 'c',
                    type: 'function',
                    function: { name: 'orders__find_order', arguments: '{"n' },
                  },
                ],
              },
            },
            { delta: {}, finish: 'length' },
          ],
        },
      ],
      tools: new ToolGateway(),
    });
    const good = await portal.run('Where is order 42? It is private.');
    const bad = await portal.run();
    const { trace, spans } = await traceOf(good.id);
    expect(trace).toMatchObject({
      name: 'invoke_agent desk',
      status: 'ok',
      agentRef: 'agent:default/desk',
      userRef: 'user:default/guest',
      runId: good.id,
      sessionId: good.threadId,
      spans: 1 + good.steps.length,
      costNanoUsd: good.usage.costNanoUsd,
      tokens: {
        inputTokens: good.usage.inputTokens,
        outputTokens: good.usage.outputTokens,
      },
    });
    expect(
      spans.items.map(({ depth, kind, tool }) => [depth, kind, tool]),
    ).toEqual([
      [0, 'agent', undefined],
      [1, 'model', undefined],
      [1, 'tool', 'orders.find_order'],
      [1, 'model', undefined],
    ]);
    expect(JSON.stringify(spans)).not.toContain('private');

    const failed = await traceOf(bad.id);
    expect(failed.trace).toMatchObject({ status: 'error', errors: 2 });
    expect(failed.spans.items.map(({ error }) => error)).toEqual([
      'AnswerIncomplete',
      'AnswerIncomplete',
    ]);
  });

  it('tells its trace no key that was typed', async () => {
    const key = `ghp_${'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'}`;
    const message = `Use ${key}, please.`;
    const told = await new Promise<PortalSpan[]>(resolve => {
      traceRuns({
        exporter: { export: resolve },
        runs: {
          getMany: async () => [
            {
              summary: {
                ...{ id: randomUUID(), agentRef: 'agent:default/desk' },
                ...{ createdBy: 'user:default/ada', status: 'succeeded' },
                ...{ createdAt: new Date().toISOString(), input: { message } },
              },
            },
          ],
        } as never,
        journal: { storedSteps: async () => [] } as never,
        logger: mockServices.logger.mock(),
      })({ id: 'x' });
    });
    expect(told[0].attributes['input.value']).toBe('Use ***, please.');
    expect(JSON.stringify(told)).not.toContain(key);
  });
});
