import {
  auditLogServiceRef,
  type AuditLog,
} from '@agentportal/plugin-agents-node';
import { createServiceFactory } from '@backstage/backend-plugin-api';
import { agent, startPortal, until, untilEnded } from './__testUtils__/portal';
import type { ModelReply } from './__testUtils__/scriptedModel';
import { ToolGateway } from './__testUtils__/toolGateway';

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
    await until(
      () => portal.model.requests[0].hungUp,
      hungUp => hungUp,
    );
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

  it('stop it when it learns nothing more, with other arguments each time, and keep what it found out', async () => {
    const portal = await startPortal({
      entities: [agent('desk', { tools })],
      model: endless,
      config: { stallThreshold: 4 },
      tools: new ToolGateway((_name, { number }) => ({
        content: [
          {
            type: 'text',
            text: Number(number) < 3 ? `Page ${number}` : 'No more pages',
          },
        ],
      })),
    });

    const run = await portal.run();

    expect(run).toMatchObject({
      status: 'failed',
      error: {
        name: 'LoopDetected',
        message: expect.stringMatching(
          /the last 4 rounds .* brought nothing new: orders\.find_order .* kept/,
        ),
      },
      usage: { modelCalls: 8, toolCalls: 8 },
    });
    const answers = run.steps
      .filter(({ kind }) => kind === 'tool')
      .map(({ status }) => status);
    expect(answers).toEqual(Array.from({ length: 8 }, () => 'succeeded'));
  });
});

describe('runs that wait', () => {
  const start = (agentRef = 'agent:default/desk') => ({
    agentRef,
    input: { message: 'Take your time' },
  });

  it('a process that is late begins no further run until it is in time again', async () => {
    const portal = await startPortal({
      model: [{ hang: true }],
      config: { workers: 8 },
    });
    const late = setInterval(() => {
      const end = performance.now() + 250;
      while (performance.now() < end) {
        // As somebody's work on the same thread.
      }
    }, 1);
    const ids: string[] = [];
    try {
      for (let i = 0; i < 3; i += 1) {
        ids.push((await portal.client.createRun(start())).id);
      }
      const { items } = await portal.client.listRuns({ status: ['queued'] });
      expect(items.map(({ id }) => id).sort()).toEqual(ids.slice(1).sort());
    } finally {
      clearInterval(late);
    }
    await until(
      () => portal.model.requests.length,
      count => count === 3,
    );
  });

  it.each([
    ['person', { perPerson: 2 }, '2 runs of yours wait already'],
    ['agent', { perAgent: 2 }, '2 runs of agent:default/desk wait already'],
    ['owner', { perOwner: 2 }, '2 runs of agents of group:default/care wait'],
  ])('are bounded for each %s', async (_whose, waiting, words) => {
    const portal = await startPortal({
      entities: [agent('desk'), agent('lab', {}, 'group:default/lab')],
      config: { workers: 1, waiting, shutdownGraceSeconds: 0 },
      model: [{ hang: true }],
    });
    const running = await portal.client.createRun(start());
    await until(
      () => portal.model.requests.length,
      count => count === 1,
    );
    const post = () =>
      portal.fetch('/runs', { method: 'POST', body: JSON.stringify(start()) });
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map(post));
    expect(answers.map(({ status }) => status).sort()).toEqual([
      201, 201, 429, 429, 429, 429,
    ]);
    const refused = answers.find(({ status }) => status === 429)!;
    const seconds = Number(refused.headers.get('retry-after'));
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect((await refused.json()).error).toMatchObject({
      name: 'TooManyRequestsError',
      message: expect.stringContaining(words),
    });

    // Others are not held up by it, and a place that is free is given away.
    const ada = portal.as('user:default/ada');
    expect(await ada.createRun(start('agent:default/lab'))).toMatchObject({
      status: 'queued',
    });
    await portal.client.cancelRun(running.id);
    await until(
      () => portal.model.requests.length,
      count => count === 2,
    );
    expect((await post()).status).toBe(201);
    await portal.stop();
  });

  it('are bounded in all', async () => {
    const portal = await startPortal({
      config: { workers: 1, waiting: { total: 2 }, shutdownGraceSeconds: 0 },
      model: [{ hang: true }],
    });
    await portal.client.createRun(start());
    await until(
      () => portal.model.requests.length,
      count => count === 1,
    );
    await portal.as('user:default/ada').createRun(start());
    await portal.as('user:default/bob').createRun(start());
    const refused = await portal.fetch('/runs', {
      method: 'POST',
      body: JSON.stringify(start()),
    });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await refused.json()).error.message).toContain(
      '2 runs in all wait already',
    );
    await portal.stop();
  });

  it.each([{ perAgent: 1 }, { perOwner: 1 }])(
    'wait while as many as may be of their agent or owner are worked on: %j',
    async parallel => {
      const portal = await startPortal({
        entities: [agent('desk'), agent('lab', {}, 'group:default/lab')],
        config: { parallel },
        model: [{ hang: true }],
      });
      const requests = (count: number) =>
        until(
          () => portal.model.requests.length,
          length => length === count,
        );
      const first = await portal.client.createRun(start());
      await requests(1);
      const second = await portal.client.createRun(start());
      // Asked for later, and not held up by it.
      await portal.client.createRun(start('agent:default/lab'));
      await requests(2);
      expect(await portal.client.getRun(second.id)).toMatchObject({
        status: 'queued',
      });
      await portal.client.cancelRun(first.id);
      await requests(3);
      expect(await portal.client.getRun(second.id)).toMatchObject({
        status: 'running',
      });
      await portal.stop();
    },
  );

  it('end when their agent is stopped, waiting or in the middle of an answer', async () => {
    const told: Array<Parameters<AuditLog['note']>[0]> = [];
    const portal = await startPortal({
      config: { workers: 1 },
      model: [{ hang: true }],
      services: [
        createServiceFactory({
          service: auditLogServiceRef,
          deps: {},
          factory: () => ({
            record: async () => {},
            note: async record => void told.push(record),
          }),
        }),
      ],
    });
    const [first, second] = await Promise.all([
      portal.client.createRun(start()),
      portal.client.createRun(start()),
    ]);
    await until(
      () => portal.model.requests.length,
      count => count === 1,
    );
    await portal.suspend('agent:default/desk', 'It refunds twice.');
    for (const { id } of [first, second]) {
      const run = await untilEnded(portal.client, id);
      expect(run).toMatchObject({
        status: 'cancelled',
        error: {
          name: 'DelegationEnded',
          message: expect.stringContaining('It refunds twice.'),
        },
      });
    }
    expect(portal.model.requests).toHaveLength(1);
    const ends = told.filter(
      ({ action }) => action === 'orchestration.run-end',
    );
    expect(ends.map(({ runId }) => runId).sort()).toEqual(
      [first.id, second.id].sort(),
    );
    expect(ends[0]).toMatchObject({
      type: 'run',
      actor: { type: 'agent', ref: 'agent:default/desk' },
      personRef: 'user:default/guest',
      outcome: 'denied',
      reason: expect.stringContaining('It refunds twice.'),
      data: { status: 'cancelled', error: 'DelegationEnded' },
    });
    await portal.stop();
  });
});
