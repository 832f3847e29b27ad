// People, the tool gateway and runs meet over HTTP only; here they are tested together.
/* eslint-disable @backstage/no-mixed-plugin-imports */
import { ApprovalsClient } from '@agentportal/plugin-agents-common';
import toolsPlugin from '@agentportal/plugin-tools-backend';
import { TOOL_META_GRANT } from '@agentportal/plugin-tools-common';
import { mockCredentials } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import type { CallToolResult, Tool } from '@modelcontextprotocol/server';
import express from 'express';
import createKnex, { type Knex } from 'knex';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { actingAuth } from './__testUtils__/actingAuth';
import {
  agent,
  eventsOf,
  startPortal,
  until,
  untilEnded,
} from './__testUtils__/portal';
import type { ModelReply, ModelRequest } from './__testUtils__/scriptedModel';
import { ToolGateway } from './__testUtils__/toolGateway';
import { RunJournal } from './events/RunJournal';
import { RunLetGo } from './execution/RunFailure';

jest.setTimeout(60_000);

const GUEST = 'user:default/guest';
const LEA = 'user:default/lea';
const MAX = 'user:default/max';
const GROUPS: Record<string, string[]> = { care: ['lea'], money: ['max'] };

const tool = (name: string, annotations: Tool['annotations'] = {}): Tool => ({
  name,
  title: `Does ${name}`,
  inputSchema: {
    type: 'object',
    properties: { invoice: { type: 'string' }, amount: { type: 'number' } },
  },
  annotations,
});
const TOOLS = [
  tool('issue_refund'),
  tool('send'),
  tool('look', { readOnlyHint: true }),
  tool('notify', { idempotentHint: true }),
];
const TIERS = {
  issue_refund: 'critical',
  send: 'external',
  look: 'read',
  notify: 'external',
};
const REFS = TOOLS.map(({ name }) => `tool:default/finance.${name}`);

const ENTITIES: Entity[] = [
  agent('desk', { tools: REFS, handoffs: ['clerk'] }),
  agent('clerk', { tools: REFS }),
  ...Object.entries(GROUPS).flatMap(([name, members]): Entity[] => [
    {
      apiVersion: 'backstage.io/v1alpha1',
      kind: 'Group',
      metadata: { name, namespace: 'default' },
      spec: { type: 'team', children: [] },
      relations: members.map(member => ({
        type: 'hasMember',
        targetRef: `user:default/${member}`,
      })),
    },
    ...members.map(member => ({
      apiVersion: 'backstage.io/v1alpha1',
      kind: 'User',
      metadata: { name: member, namespace: 'default' },
      spec: { memberOf: [name] },
      relations: [{ type: 'memberOf', targetRef: `group:default/${name}` }],
    })),
  ]),
];

/** Large amounts take two people who do not sit together. */
const MATRIX = [
  {
    when: { amountOver: { argument: 'amount', value: 1_000 } },
    approvers: ['agent-owner', 'tool-owner'],
    quorum: 2,
    differentGroups: true,
  },
  { approvers: ['agent-owner'] },
];

const call = (name: string, args: object, id?: string) => ({
  name: `finance__${name}`,
  args,
  ...(id && { id }),
});
const REFUND = call('issue_refund', { invoice: 'R-1', amount: 340 });
const start = {
  agentRef: 'agent:default/desk',
  input: { message: 'Refund 340 EUR of R-1' },
};
/** What the model was told by tools, in one of its calls. */
const toldByTools = ({ body }: ModelRequest) =>
  body.messages
    .filter(({ role }) => role === 'tool')
    .map(({ content }) => String(content));
/** Calls tools first, and then says what they answered. */
const callsThenTells =
  (...calls: ReturnType<typeof call>[]) =>
  (request: ModelRequest): ModelReply =>
    toldByTools(request).length
      ? { text: toldByTools(request).join(' | ') }
      : { toolCalls: calls };

function inMemory(): Knex {
  return createKnex({
    client: 'better-sqlite3',
    connection: ':memory:',
    useNullAsDefault: true,
  });
}

describe('a run whose agent may not do something alone', () => {
  const stops: Array<() => Promise<unknown> | unknown> = [];
  let finance: ToolGateway;
  let url: string;
  let answer: (name: string) => CallToolResult | Promise<CallToolResult>;

  beforeAll(async () => {
    finance = new ToolGateway(name => answer(name), TOOLS);
    const app = express();
    app.all('/mcp', express.json(), (req, res) => {
      void finance.handler(req, res, req.body);
    });
    const server = createServer(app);
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve);
    });
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
    stops.push(() => {
      server.closeAllConnections();
      server.close();
    });
  });
  afterAll(() => Promise.all(stops.map(stop => stop())));

  beforeEach(() => {
    finance.calls.length = 0;
    answer = name => ({ content: [{ type: 'text', text: `Done: ${name}.` }] });
  });

  /** Processes of one portal, with the real tool gateway and real approvals. */
  function portal() {
    const knex = inMemory();
    const agentsKnex = inMemory();
    const toolsKnex = inMemory();
    const process = async (options: Parameters<typeof startPortal>[0] = {}) => {
      const started = await startPortal({
        knex,
        agentsKnex,
        toolsKnex,
        tools: 'absent',
        services: [toolsPlugin, actingAuth],
        ...options,
        entities: [
          ...(options.entities ?? ENTITIES),
          {
            apiVersion: 'backstage.io/v1alpha1',
            kind: 'API',
            metadata: { name: 'finance', namespace: 'default' },
            spec: {
              type: 'mcp-server',
              lifecycle: 'production',
              owner: 'group:default/money',
              remotes: [{ type: 'streamable-http', url }],
            },
          },
        ],
        rootConfig: {
          app: { baseUrl: 'http://localhost' },
          agents: { approvals: { matrix: MATRIX } },
          tools: {
            allowedHosts: ['127.0.0.1'],
            servers: { finance: { url, riskTiers: TIERS, trust: 'verified' } },
          },
        },
        config: { leaseSeconds: 1, shutdownGraceSeconds: 0.2 },
      });
      const base = `http://localhost:${started.server.port()}/api`;
      await fetch(`${base}/tools/servers/refresh`, {
        method: 'POST',
        headers: { authorization: mockCredentials.user.header(GUEST) },
      });
      const inbox = new ApprovalsClient({
        discoveryApi: { getBaseUrl: async id => `${base}/${id}` },
        fetchApi: { fetch },
      });
      const by = (ref: string) => ({ token: mockCredentials.user.token(ref) });
      return {
        ...started,
        approval: (id: string) => inbox.getApproval(id, by(LEA)),
        decide: async (
          id: string,
          ref: string,
          change: Partial<Parameters<ApprovalsClient['decide']>[1]> = {},
        ) => {
          const { digest } = await inbox.getApproval(id, by(ref));
          return inbox.decide(
            id,
            { decision: 'approve', digest, ...change },
            by(ref),
          );
        },
        /** Waits until a run waits for so many decisions. */
        waits: async (id: string, count = 1) => {
          const run = await until(
            () => started.client.getRun(id),
            ({ status, waitingFor = [] }) =>
              status === 'interrupted' && waitingFor.length === count,
            20_000,
          );
          return run.waitingFor!;
        },
      };
    };
    return { knex, agentsKnex, process };
  }

  it('waits for people, over a restart, and does what they have made of it', async () => {
    const { agentsKnex, knex, process } = portal();
    const first = await process({ model: callsThenTells(REFUND) });
    const { id } = await first.client.createRun(start);
    const [wait] = await first.waits(id);
    expect(wait).toMatchObject({
      kind: 'tool-call',
      toolName: 'finance.issue_refund',
      title: expect.stringContaining('340'),
      askedOf: ['group:default/care'],
    });
    expect(finance.calls).toEqual([]);
    expect((await first.client.getRun(id)).steps).toMatchObject([
      { kind: 'model' },
      {
        kind: 'tool',
        status: 'waiting',
        approval: { id: wait.approvalId, status: 'pending' },
      },
    ]);
    expect(
      (await first.client.listRuns({ status: ['interrupted'] })).items,
    ).toMatchObject([{ id, waitingFor: [{ approvalId: wait.approvalId }] }]);
    expect((await first.client.listThreads()).items).toMatchObject([
      { isWaiting: true },
    ]);
    const [row] = await knex('orchestration_runs').where({ id });
    expect(row).toMatchObject({ lease_owner: null, lease_expires_at: null });
    // Whoever it works for decides nothing.
    await expect(first.decide(wait.approvalId, GUEST)).rejects.toThrow();
    await first.stop();

    // Decided while no process looks at runs.
    const elsewhere = await process({ knex: inMemory() });
    await elsewhere.decide(wait.approvalId, LEA, {
      args: { invoice: 'R-1', amount: 200 },
    });
    await elsewhere.stop();
    expect(
      (await agentsKnex('agent_approvals').where({ id: wait.approvalId }))[0]
        .status,
    ).toBe('approved');

    const next = await process({ model: callsThenTells(REFUND) });
    const run = await untilEnded(next.client, id);
    expect(run).toMatchObject({ status: 'succeeded', usage: { toolCalls: 1 } });
    expect(run).not.toHaveProperty('waitingFor');
    expect((await next.client.listThreads()).items).toMatchObject([
      { isWaiting: false },
    ]);
    expect(run.output!.message).toMatch(
      /^user:default\/lea changed what finance\.issue_refund was called with: amount is 200 and not 340\.\s+Done: issue_refund\.$/,
    );
    expect(finance.calls).toMatchObject([
      { name: 'issue_refund', args: { invoice: 'R-1', amount: 200 } },
    ]);
    expect(run.steps.map(({ kind, status }) => [kind, status])).toEqual([
      ['model', 'succeeded'],
      ['tool', 'succeeded'],
      ['model', 'succeeded'],
    ]);
    expect(run.steps[1].approval).toMatchObject({
      status: 'approved',
      decidedBy: [LEA],
      args: { amount: 200 },
    });
    const events = (await eventsOf(next.client, id)).map(({ event }) => event);
    expect(
      events.filter(({ type }) => /^RUN_/.test(type)).map(({ type }) => type),
    ).toEqual(['RUN_STARTED', 'RUN_FINISHED', 'RUN_STARTED', 'RUN_FINISHED']);
    expect(events.find(({ type }) => type === 'RUN_FINISHED')).toMatchObject({
      outcome: {
        type: 'interrupt',
        interrupts: [{ id: wait.approvalId, toolCallId: expect.any(String) }],
      },
    });
    expect(
      events.filter(({ type }) => type === 'TOOL_CALL_START'),
    ).toHaveLength(1);
    // The time in which people were waited for is not its own.
    const [ended] = await knex('orchestration_runs').where({ id });
    expect(ended.waited_ms).toBeGreaterThan(1_000);
    expect(ended.duration_ms).toBe(
      ended.finished_at - ended.started_at - ended.waited_ms,
    );
    await next.stop();
  });

  it('waits inside a workflow, at a tool and at an agent, and each is called once', async () => {
    const { process } = portal();
    const [, ...others] = ENTITIES;
    const nodes = [
      {
        id: 'refund',
        type: 'tool',
        tool: REFS[0],
        input: { invoice: 'R-1', amount: 340 },
        after: [],
      },
      { id: 'ask', type: 'agent', agent: 'clerk', task: 'Send', after: [] },
      {
        id: 'answer',
        type: 'transform',
        after: ['refund', 'ask'],
        set: { text: '{{ refund.text }} {{ ask.text }}' },
      },
    ];
    const options = {
      entities: [
        agent('desk', {
          type: 'workflow',
          tools: REFS,
          handoffs: ['clerk'],
          workflow: { nodes },
        } as never),
        ...others,
      ],
      model: callsThenTells(call('send', { invoice: 'R-1' })),
    };
    const first = await process(options);
    const { id } = await first.client.createRun(start);
    const waits = await first.waits(id, 2);
    expect(
      (await first.client.getRun(id)).graph!.nodes.map(({ state }) => state),
    ).toEqual(['waiting', 'waiting', 'pending']);
    await first.stop();

    const next = await process(options);
    for (const { approvalId } of waits) {
      await next.decide(approvalId, LEA);
    }
    const run = await untilEnded(next.client, id);
    expect(run.output?.message).toBe('Done: issue_refund. Done: send.');
    expect(finance.calls.map(({ name }) => name).sort()).toEqual([
      'issue_refund',
      'send',
    ]);
    expect(run.steps.every(({ status }) => status === 'succeeded')).toBe(true);
    expect(run.usage.toolCalls).toBe(3);
    await next.stop();
  });

  it('never does twice what it was doing when its process ended', async () => {
    const { process } = portal();
    answer = () => new Promise(() => {});
    const first = await process({ model: callsThenTells(REFUND) });
    const { id } = await first.client.createRun(start);
    const [wait] = await first.waits(id);
    await first.decide(wait.approvalId, LEA);
    await until(
      () => finance.calls.length,
      count => count === 1,
      20_000,
    );
    await first.stop();

    const next = await process({ model: callsThenTells(REFUND) });
    const run = await untilEnded(next.client, id);
    expect(run.status).toBe('succeeded');
    expect(run.output!.message).toMatch(
      /^Nobody knows whether finance\.issue_refund was done/,
    );
    expect(finance.calls).toHaveLength(1);
    await next.stop();
  });

  describe('in a process that goes on', () => {
    const { agentsKnex, knex, process } = portal();
    let shared: Awaited<ReturnType<typeof process>>;
    let script: (request: ModelRequest) => ModelReply;

    beforeAll(async () => {
      shared = await process({ model: request => script(request) });
    });
    afterAll(() => shared.stop());

    it('goes on without it when they say no, and hears who and why', async () => {
      const { client, decide, waits } = shared;
      script = callsThenTells(REFUND);
      const { id } = await client.createRun(start);
      const [wait] = await waits(id);
      await decide(wait.approvalId, LEA, {
        decision: 'reject',
        reason: 'It was paid last week.',
      });
      const run = await untilEnded(client, id);
      expect(run.status).toBe('succeeded');
      expect(run.output!.message).toMatch(
        /finance\.issue_refund was not called: .*user:default\/lea.*It was paid last week/,
      );
      expect(run.steps[1]).toMatchObject({
        status: 'failed',
        error: { name: 'CallRefused', ruleIds: ['built-in#approval'] },
      });
      expect(finance.calls).toEqual([]);
    });

    it('does not repeat a call whose connection broke: its grant is used', async () => {
      const { client, decide, waits } = shared;
      script = callsThenTells(call('notify', { invoice: 'R-1' }));
      const { id } = await client.createRun(start);
      const [wait] = await waits(id);
      const really = globalThis.fetch;
      let cut = 0;
      const spy = jest
        .spyOn(globalThis, 'fetch')
        .mockImplementation(async (address, options) => {
          const response = await really(address, options);
          if (!cut && String(options?.body).includes(TOOL_META_GRANT)) {
            cut += 1;
            throw Object.assign(new TypeError('fetch failed'), {
              cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }),
            });
          }
          return response;
        });
      await decide(wait.approvalId, LEA);
      const run = await untilEnded(client, id);
      spy.mockRestore();
      expect(cut).toBe(1);
      expect(run.output!.message).toMatch(
        /^Nobody knows whether finance\.notify was done/,
      );
      expect(finance.calls).toHaveLength(1);
    });

    it('waits for several at once, and each is called once, as soon as it is decided', async () => {
      const { client, decide, waits } = shared;
      script = callsThenTells(
        call('issue_refund', { invoice: 'R-1', amount: 3_400 }),
        call('look', { invoice: 'R-1' }),
        call('send', { invoice: 'R-1' }),
      );
      const { id } = await client.createRun(start);
      const two = await waits(id, 2);
      expect(finance.calls.map(({ name }) => name)).toEqual(['look']);
      const of = (name: string) =>
        two.find(({ toolName }) => toolName === `finance.${name}`)!.approvalId;
      await decide(of('send'), LEA);
      await until(
        () => finance.calls.length,
        count => count === 2,
        20_000,
      );
      await waits(id);
      await decide(of('issue_refund'), LEA);
      await decide(of('issue_refund'), MAX);
      const run = await untilEnded(client, id);
      expect(run.status).toBe('succeeded');
      expect(finance.calls.map(({ name }) => name)).toEqual([
        'look',
        'send',
        'issue_refund',
      ]);
      expect(run.usage.toolCalls).toBe(3);
      expect(run.steps.filter(({ kind }) => kind === 'tool')).toHaveLength(3);
    });

    it('knows that a call was only asked about when its process ended then', async () => {
      const { client, decide, waits } = shared;
      script = callsThenTells(REFUND);
      const suspendStep = jest
        .spyOn(RunJournal.prototype, 'suspendStep')
        .mockImplementationOnce(() => {
          throw new RunLetGo();
        });
      const { id } = await client.createRun(start);
      const [wait] = await waits(id);
      expect(suspendStep).toHaveBeenCalledTimes(2);
      await decide(wait.approvalId, LEA);
      expect(await untilEnded(client, id)).toMatchObject({
        status: 'succeeded',
        output: { message: 'Done: issue_refund.' },
      });
      expect(finance.calls).toHaveLength(1);
      suspendStep.mockRestore();
    });

    it('asks again where what it waits for is damaged, beside others that go on', async () => {
      const { client, decide, waits } = shared;
      script = callsThenTells(REFUND);
      const { id } = await client.createRun(start);
      const [wait] = await waits(id);
      await knex('orchestration_runs')
        .where({ id })
        .update({ waiting_for: '[{"approvalId":"?' });
      const other = await client.createRun(start);
      await decide((await waits(other.id))[0].approvalId, LEA);
      expect((await untilEnded(client, other.id)).status).toBe('succeeded');
      expect(await waits(id)).toMatchObject([{ approvalId: wait.approvalId }]);
      await decide(wait.approvalId, LEA);
      expect((await untilEnded(client, id)).status).toBe('succeeded');
      expect(finance.calls).toHaveLength(2);
    });

    it('waits where work was handed on, and goes on there', async () => {
      const { client, decide, waits } = shared;
      script = request =>
        toldByTools(request).length
          ? { text: toldByTools(request).join(' | ') }
          : {
              toolCalls: [
                request.body.messages.some(({ content }) =>
                  String(content).includes('You are the clerk'),
                )
                  ? REFUND
                  : { name: 'handoff_to_clerk', args: { task: 'Refund it' } },
              ],
            };
      const { id } = await client.createRun(start);
      const [wait] = await waits(id);
      await decide(wait.approvalId, LEA);
      const run = await untilEnded(client, id);
      expect(run).toMatchObject({
        status: 'succeeded',
        output: { message: 'Done: issue_refund.' },
        usage: { toolCalls: 2 },
      });
      expect(finance.calls).toHaveLength(1);
      const [handoff] = run.steps.filter(({ kind }) => kind === 'agent');
      expect(
        run.steps
          .filter(({ parentId }) => parentId === handoff.id)
          .map(({ kind }) => kind),
      ).toEqual(['model', 'tool', 'model']);
      expect(run.steps.every(({ status }) => status === 'succeeded')).toBe(
        true,
      );
    });

    it('is stopped as others are, and nobody is to decide any more', async () => {
      const { approval, client, waits } = shared;
      script = callsThenTells(REFUND);
      const { id } = await client.createRun(start);
      const [wait] = await waits(id);
      expect((await client.cancelRun(id)).status).toBe('cancelled');
      await until(
        () => approval(wait.approvalId),
        ({ status }) => status === 'withdrawn',
      );
      await until(
        () => agentsKnex('agent_delegations').whereNull('ended_at'),
        rows => rows.length === 0,
      );
      expect((await client.getRun(id)).steps[1].status).toBe('failed');
    });

    it('ends when its time is over or its agent is suspended, and says so', async () => {
      const { approval, client, suspend, waits } = shared;
      script = callsThenTells(REFUND);
      const ofDesk = await client.createRun(start);
      const ofClerk = await client.createRun({
        ...start,
        agentRef: 'agent:default/clerk',
      });
      const both = [...(await waits(ofDesk.id)), ...(await waits(ofClerk.id))];
      await agentsKnex('agent_delegations')
        .where({ task_id: ofDesk.id })
        .update({ expires_at: Date.now() - 1 });
      await suspend('agent:default/clerk', 'It errs.');
      for (const [{ id }, why] of [
        [ofDesk, /The time for the work was over .* waiting for people: .*340/],
        [ofClerk, /It errs\. The run was waiting for people: .*340/],
      ] as const) {
        expect(await untilEnded(client, id)).toMatchObject({
          status: 'cancelled',
          error: {
            name: 'DelegationEnded',
            message: expect.stringMatching(why),
          },
        });
      }
      for (const { approvalId } of both) {
        await until(
          () => approval(approvalId),
          ({ status }) => status === 'withdrawn',
        );
      }
    });
  });
});
