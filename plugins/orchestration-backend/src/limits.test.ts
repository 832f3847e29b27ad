import { agent, startPortal } from './__testUtils__/portal';
import type { ModelReply } from './__testUtils__/scriptedModel';

const tools = ['tool:default/orders.find_order'];

/** Asks for the next order each time, without end. */
const endless = (_request: unknown, index: number): ModelReply => ({
  toolCalls: [{ name: 'orders__find_order', args: { number: String(index) } }],
  costNanoUsd: 1_000_000,
});

describe('limits of an agent', () => {
  it.each([
    [
      { maxToolCalls: 2 },
      'Stopped after 2 tool calls, the limit of this agent',
      { toolCalls: 2, modelCalls: 3 },
    ],
    [
      { maxSteps: 3 },
      'Stopped after 3 steps, the limit of this agent',
      { modelCalls: 2, toolCalls: 1 },
    ],
    [
      { maxTokens: 30 },
      'Stopped after 30 tokens; the limit of this agent is 30',
      { modelCalls: 2 },
    ],
    [
      { maxCostUsd: 0.0025 },
      'Stopped after a cost of $0.003; the limit of this agent is $0.0025',
      { modelCalls: 3, costNanoUsd: 3_000_000 },
    ],
  ])('stop it at %j', async (quotas, message, usage) => {
    const portal = await startPortal({
      entities: [agent('desk', { tools, quotas })],
      model: endless,
    });

    const run = await portal.run();

    expect(run).toMatchObject({
      status: 'failed',
      error: {
        name: 'QuotaExceeded',
        message: expect.stringContaining(message),
      },
      usage,
    });
    expect(run.steps.every(step => step.status !== 'running')).toBe(true);
  });

  it('stop it in the middle of a call that takes too long', async () => {
    const portal = await startPortal({
      entities: [agent('desk', { quotas: { maxDurationSeconds: 0.3 } })],
      model: [{ hang: true }],
    });

    const run = await portal.run();

    expect(run).toMatchObject({
      status: 'failed',
      error: { name: 'QuotaExceeded' },
      steps: [{ kind: 'model', status: 'failed' }],
    });
    expect(run.error?.message).toContain('0.3 seconds');
    expect(portal.model.requests[0].hungUp).toBe(true);
  });

  it('come from the configuration when the agent has none', async () => {
    const portal = await startPortal({
      entities: [agent('desk', { tools })],
      model: endless,
      config: { defaultQuotas: { maxToolCalls: 1 } },
    });
    const run = await portal.run();
    expect(run.error?.message).toContain('Stopped after 1 tool call,');
  });

  it('stop it when it asks for the same thing three times', async () => {
    const portal = await startPortal({
      entities: [agent('desk', { tools })],
      model: [
        { toolCalls: [{ name: 'orders__find_order', args: { number: '1' } }] },
      ],
    });

    const run = await portal.run();

    expect(run).toMatchObject({
      status: 'failed',
      error: { name: 'LoopDetected' },
    });
    expect(run.error?.message).toContain('orders.find_order');
    expect(portal.tools.calls).toHaveLength(2);
  });
});
