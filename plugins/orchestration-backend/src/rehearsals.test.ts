// Rehearsals over the real tool gateway, with a server that counts what reaches it.
/* eslint-disable @backstage/no-mixed-plugin-imports */
import { ApprovalsClient } from '@agentportal/plugin-agents-common';
import { digestOf, REHEARSAL_HEADER } from '@agentportal/plugin-agents-node';
import {
  candidateRunPermission,
  type CreateRunRequest,
  runCreatePermission,
} from '@agentportal/plugin-orchestration-common';
import toolsPlugin from '@agentportal/plugin-tools-backend';
import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import type { Tool } from '@modelcontextprotocol/server';
import express from 'express';
import createKnex from 'knex';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startPeer } from './__testUtils__/a2aPeer';
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

jest.setTimeout(60_000);

const GUEST = 'user:default/guest';
const TIERS = { refund: 'critical', send: 'external', note: 'write' };
const TOOLS = ['refund', 'send', 'note', 'look'].map(
  (name): Tool => ({
    name,
    inputSchema: {
      type: 'object',
      properties: { to: { type: 'string' } },
    },
    ...(name === 'note' && {
      outputSchema: {
        type: 'object',
        required: ['noteId'],
        properties: { noteId: { type: 'integer', minimum: 5 } },
      },
    }),
  }),
);
const REFS = TOOLS.map(({ name }) => `tool:default/crm.${name}`);
const call = (name: string, args: object = {}) => ({
  name: name.startsWith('handoff') ? name : `crm__${name}`,
  args,
});
const rehearse = (
  agentRef: string,
  more: Partial<CreateRunRequest> = {},
): CreateRunRequest => ({
  agentRef: `agent:default/${agentRef}`,
  input: { message: 'Pay Ada back' },
  rehearsal: {},
  ...more,
});
const toldByTools = ({ body }: ModelRequest) =>
  body.messages
    .filter(({ role }) => role === 'tool')
    .map(({ content }) => String(content));

/** What each agent asks for before it answers; all that can have an effect. */
const ASKED: Record<string, ReturnType<typeof call>[]> = {
  'agent:default/desk': [
    call('refund'),
    call('send', { to: 'ada' }),
    call('note'),
    call('look'),
    call('handoff_to_clerk', { task: 'Send it' }),
  ],
  'agent:default/clerk': [call('send', { to: 'bob' }), call('refund')],
  'agent:default/flow': [call('send')],
  'agent:default/abroad': [call('handoff_to_peer', { task: 'Pay' })],
};

describe('a rehearsal', () => {
  const stops: Array<() => unknown> = [];
  const crm = new ToolGateway(
    name => ({
      content: [{ type: 'text', text: 'Really done.' }],
      ...(name === 'note' && { structuredContent: { noteId: 99 } }),
    }),
    TOOLS,
  );
  const knexes = Object.fromEntries(
    ['knex', 'agentsKnex', 'toolsKnex'].map(name => [
      name,
      createKnex({
        client: 'better-sqlite3',
        connection: ':memory:',
        useNullAsDefault: true,
      }),
    ]),
  );
  let peer: Awaited<ReturnType<typeof startPeer>>;
  let url: string;
  let portal: Awaited<ReturnType<typeof start>>;
  /** What the policy says no to. */
  let denied: (permission: string, subject: string) => boolean;
  /** What a model does in place of the script. */
  let says: (request: ModelRequest) => ModelReply | undefined;

  async function start() {
    const entities: Entity[] = [
      agent('desk', { tools: REFS, handoffs: ['clerk'] }),
      agent('clerk', { tools: REFS, autonomy: 'autopilot' }),
      agent('abroad', { handoffs: ['peer'] }),
      agent('peer', {
        type: 'external',
        framework: 'a2a',
        a2a: { cardUrl: `${peer.url}/.well-known/agent-card.json` },
      }),
      agent('flow', {
        type: 'workflow',
        autonomy: 'autopilot',
        tools: REFS,
        handoffs: ['desk', 'clerk'],
        workflow: {
          nodes: [
            { id: 'note', type: 'tool', tool: REFS[2] },
            { id: 'refund', type: 'tool', tool: REFS[0] },
            { id: 'sure', type: 'human', question: 'Sure?' },
            { id: 'ask', type: 'agent', agent: 'clerk', task: 'Go' },
            {
              id: 'lead',
              type: 'supervisor',
              agents: ['clerk'],
              task: 'Lead',
            },
            {
              id: 'end',
              type: 'transform',
              set: { said: '{{ sure.text }} {{ note.noteId }}' },
            },
          ],
          output: '{{ end.said }}',
        },
      }),
      {
        apiVersion: 'backstage.io/v1alpha1',
        kind: 'API',
        metadata: { name: 'crm', namespace: 'default' },
        spec: {
          type: 'mcp-server',
          lifecycle: 'production',
          owner: 'group:default/money',
          remotes: [{ type: 'streamable-http', url }],
        },
      },
    ];
    const decide: any = async (requests: any[], { credentials }: any) =>
      requests.map(({ permission }) => ({
        result: denied(permission.name, credentials.principal.userEntityRef)
          ? AuthorizeResult.DENY
          : AuthorizeResult.ALLOW,
      }));
    const started = await startPortal({
      ...knexes,
      entities,
      tools: 'absent',
      services: [
        toolsPlugin,
        actingAuth,
        mockServices.permissions.mock({
          authorize: decide,
          authorizeConditional: decide,
        }).factory,
      ],
      model: request => {
        const { agentRef = '' } = request.caller;
        return (
          says(request) ??
          (toldByTools(request).length || !ASKED[agentRef]
            ? { text: toldByTools(request).join(' | ') || 'Done.' }
            : { toolCalls: ASKED[agentRef] })
        );
      },
      rootConfig: {
        guard: { secret: 'a secret that is long enough for it.' },
        tools: {
          allowedHosts: ['127.0.0.1'],
          servers: {
            crm: { url, riskTiers: { ...TIERS, look: 'read' } },
          },
        },
      },
      config: { leaseSeconds: 1, shutdownGraceSeconds: 0.2 },
    });
    const base = `http://localhost:${started.server.port()}/api`;
    await fetch(`${base}/tools/servers/refresh`, {
      method: 'POST',
      headers: { authorization: mockCredentials.user.header(GUEST) },
    });
    return { ...started, base };
  }

  beforeAll(async () => {
    const app = express();
    app.all('/mcp', express.json(), (req, res) => {
      void crm.handler(req, res, req.body);
    });
    const server = createServer(app);
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve);
    });
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
    peer = await startPeer(() => undefined);
    stops.push(
      () => server.closeAllConnections(),
      () => server.close(),
      () => peer.stop(),
    );
    says = () => undefined;
    denied = () => false;
    portal = await start();
  });
  afterAll(async () => {
    await portal?.stop();
    await Promise.all(stops.map(stop => stop()));
  });
  beforeEach(() => {
    denied = () => false;
    says = () => undefined;
    crm.calls.length = 0;
    portal.model.requests.length = 0;
  });

  const ended = async (request: CreateRunRequest, client = portal.client) =>
    untilEnded(client, (await client.createRun(request)).id);
  const reached = () => crm.calls.map(({ name }) => name);
  const refusal = async (request: Promise<unknown>) => {
    const { statusCode, body } = await request.then(
      () => ({ statusCode: 0, body: undefined }),
      error => error,
    );
    return [statusCode, body?.error.message];
  };

  it('has no effect by any way, and says what it would have had', async () => {
    const desk = await ended(rehearse('desk'));
    expect(desk).toMatchObject({ status: 'succeeded', rehearsal: true });
    const calls = desk.steps.filter(({ kind }) => kind === 'tool');
    expect(
      calls.map(({ name, rehearsed }) => [name, rehearsed?.answeredBy]),
    ).toEqual([
      ['crm.refund', 'sentence'],
      ['crm.send', 'sentence'],
      ['crm.note', 'schema'],
      ['crm.look', undefined],
      ['crm.send', 'sentence'],
      ['crm.refund', 'sentence'],
    ]);
    // The clerk works within the autonomy of the desk, and waits for nobody either.
    for (const step of calls.filter(({ riskTier }) =>
      ['external', 'critical'].includes(riskTier!),
    )) {
      expect(step.rehearsed?.wouldWait).toEqual({
        reason: expect.any(String),
        askedOf: ['group:default/care', 'group:default/money'],
      });
      expect(step).not.toHaveProperty('approval');
    }
    const flow = await ended(
      rehearse('flow', {
        rehearsal: { answers: [{ tool: 'question:sure', returns: 'Yes.' }] },
      }),
    );
    expect([flow.error, flow.output]).toEqual([
      undefined,
      { message: 'Yes. 5' },
    ]);
    const again = [
      await portal.client.forkRun(desk.id, {}),
      await portal.client.forkRun(desk.id, {
        fromStep: 1,
        model: 'model:default/strong',
      }),
      await portal.client.forkRun(flow.id, {}),
      ...(await portal.client.rerunRuns({ ids: [desk.id] })).items.map(
        ({ run }) => run!,
      ),
    ];
    for (const { id } of again) {
      const run = await untilEnded(portal.client, id);
      expect([run.status, run.rehearsal]).toEqual(['succeeded', true]);
    }
    expect(new Set(reached())).toEqual(new Set(['look']));
    expect(
      portal.model.requests.filter(({ headers }) => !headers[REHEARSAL_HEADER]),
    ).toEqual([]);
    const approvals = new ApprovalsClient({
      discoveryApi: { getBaseUrl: async id => `${portal.base}/${id}` },
      fetchApi: { fetch },
    });
    const token = mockCredentials.user.token('user:default/lea');
    expect(
      (await approvals.listApprovals({ view: 'all' }, { token })).items,
    ).toEqual([]);
    // The same without: the server is reached, and people are asked.
    const real = await portal.client.createRun({
      ...rehearse('clerk'),
      rehearsal: undefined,
    });
    const waiting = await until(
      () => portal.client.getRun(real.id),
      ({ status }) => status === 'interrupted',
    );
    expect(waiting).not.toHaveProperty('rehearsal');
    expect(reached()).toContain('send');
    await portal.client.cancelRun(real.id);
  });

  it('goes on as one when its process is gone, and makes a call again that was cut', async () => {
    let hang = true;
    says = request =>
      hang && toldByTools(request).length ? { hang: true } : undefined;
    const { id } = await portal.client.createRun(rehearse('clerk'));
    await until(
      () => portal.client.getRun(id),
      ({ steps }) => steps.some(step => step.kind === 'tool' && step.rehearsed),
    );
    await portal.stop();
    // As if it had been killed before it knew the end of its call.
    const rows = await knexes.knex('orchestration_steps').where('run_id', id);
    for (const row of rows.filter(({ step_index }) => step_index > 0)) {
      const { finishedAt, output, result, rehearsed, ...begun } = JSON.parse(
        row.step,
      );
      await knexes
        .knex('orchestration_steps')
        .where('id', row.id)
        .update({
          status: 'running',
          step: JSON.stringify({ ...begun, status: 'running' }),
        });
    }
    await knexes.knex('orchestration_checkpoints').delete();
    hang = false;
    portal = await start();
    const run = await untilEnded(portal.client, id, 20_000);
    expect(run).toMatchObject({ status: 'succeeded', rehearsal: true });
    expect(
      run.steps.filter(({ rehearsed }) => rehearsed).map(({ name }) => name),
    ).toEqual(['crm.send', 'crm.refund']);
    expect(reached()).toEqual([]);
    await eventsOf(portal.client, id);
  });

  it('cannot leave the portal', async () => {
    expect(await refusal(portal.client.createRun(rehearse('peer')))).toEqual([
      409,
      expect.stringContaining('cannot be rehearsed'),
    ]);
    const run = await ended(rehearse('abroad'));
    expect(run).toMatchObject({
      status: 'succeeded',
      output: { message: expect.stringContaining('cannot be rehearsed') },
      steps: [{}, { kind: 'agent', status: 'failed' }, {}],
    });
    expect(peer.requests).toEqual([]);
  });

  it('does not begin at a gateway that does not know of rehearsals', async () => {
    const older = await startPortal({
      entities: [agent('desk', { tools: ['orders.cancel_order'] })],
      model: [{ toolCalls: [{ name: 'orders__cancel_order', args: {} }] }],
    });
    const run = await ended(rehearse('desk'), older.client);
    expect(run).toMatchObject({
      status: 'failed',
      error: {
        name: 'ToolsUnavailable',
        message: expect.stringContaining('does not confirm'),
      },
    });
    expect(older.tools.calls).toEqual([]);
    await older.stop();
  });

  it('is answered as it was told, and people only by what was given for them', async () => {
    const run = await ended(
      rehearse('desk', {
        rehearsal: {
          answers: [
            { tool: 'crm.look', returns: 'Given.' },
            {
              tool: REFS[1],
              arguments: { to: 'bob' },
              returns: { sent: true },
            },
          ],
        },
      }),
    );
    expect(
      run.steps.map(({ rehearsed }) => rehearsed?.answeredBy),
    ).toMatchObject(
      expect.arrayContaining(['sentence', 'schema', 'given', 'given']),
    );
    expect(run.output!.message).toMatch(/Given\. \| {"sent":true}/);
    expect(reached()).toEqual([]);
    const flow = await ended(rehearse('flow'));
    expect([flow.status, flow.error?.message]).toEqual([
      'failed',
      expect.stringContaining('question:sure'),
    ]);
    const answer = { tool: 'crm.look', returns: 'x' };
    const deep = JSON.parse(`${'{"a":'.repeat(60)}1${'}'.repeat(60)}`);
    for (const answers of [
      Array(51).fill(answer),
      [{ ...answer, returns: 'ä'.repeat(17_000) }],
      [{ ...answer, returns: deep }],
    ]) {
      const request = rehearse('desk', { rehearsal: { answers } });
      const [status] = await refusal(portal.client.createRun(request));
      expect(status).toBe(400);
    }
  });

  it('keeps no secret of its answers, and knows a call by one all the same, also when it is repeated', async () => {
    const key = `ghp_${'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'}`;
    says = ({ body }) => {
      const said = String(body.messages.at(-1)!.content);
      return {
        ...(/^Use/.test(said)
          ? { toolCalls: [call('send', { to: said.slice(4) })] }
          : { text: said }),
      };
    };
    const run = await ended(
      rehearse('desk', {
        input: { message: `Use ${key}` },
        rehearsal: {
          answers: [
            {
              tool: REFS[1],
              arguments: { to: key },
              returns: { token: key },
            },
          ],
        },
      }),
    );
    const { id } = await portal.client.retryRun(run.id);
    for (const each of [run, await untilEnded(portal.client, id)]) {
      expect(each.steps[1].rehearsed?.answeredBy).toBe('given');
      expect(each.output!.message).toBe('{"token":"[secret]"}');
    }
    const kept = JSON.stringify(
      await knexes.knex('orchestration_runs').whereIn('id', [run.id, id]),
    );
    expect(kept).toContain('told-secret');
    expect(kept).not.toContain(key);
    expect(reached()).toEqual([]);
  });

  it('is listed only where it is asked for, counts for nothing, and stays among its like', async () => {
    const [real, rehearsed] = [
      await ended(rehearse('abroad', { rehearsal: undefined })),
      await ended(rehearse('abroad')),
    ];
    const agentRef = 'agent:default/abroad';
    const ids = async (rehearsal?: boolean) =>
      (await portal.client.listRuns({ agentRef, rehearsal })).items.map(
        ({ id }) => id,
      );
    expect(await ids()).toEqual([real.id]);
    expect(await ids(false)).toEqual([real.id]);
    expect((await ids(true))[0]).toBe(rehearsed.id);
    const { items } = await portal.client.getStats({ agentRef: [agentRef] });
    expect(items).toMatchObject([{ runs: 1, timed: 1 }]);
    const { items: threads } = await portal.client.listThreads({ agentRef });
    expect(threads.map(({ id }) => id)).toEqual([real.threadId]);
    for (const [threadId, rehearsal] of [
      [real.threadId, {}],
      [rehearsed.threadId, undefined],
    ] as const) {
      const request = rehearse('abroad', { threadId, rehearsal });
      const [status] = await refusal(portal.client.createRun(request));
      expect(status).toBe(409);
    }
    const next = await ended(
      rehearse('abroad', { threadId: rehearsed.threadId }),
    );
    expect(next.threadId).toBe(rehearsed.threadId);
  });

  it('tries a candidate for those who may change the agent, also when it is repeated', async () => {
    const candidate = {
      instructions: 'You are brief.',
      model: 'model:default/strong',
    };
    const run = await ended(rehearse('desk', { candidate }));
    expect(run.candidate).toEqual({
      digest: digestOf(candidate),
      instructions: true,
      model: candidate.model,
    });
    const { id } = await portal.client.forkRun(run.id, {});
    expect((await untilEnded(portal.client, id)).candidate).toEqual(
      run.candidate,
    );
    const asked = portal.model.requests.map(({ body, caller }) => [
      caller.agentRef,
      body.messages[0].content,
      body.model,
    ]);
    const of = (ref: string) => asked.filter(([agentRef]) => agentRef === ref);
    expect(new Set(of('agent:default/desk').map(String))).toEqual(
      new Set([
        ['agent:default/desk', 'You are brief.', candidate.model].join(),
      ]),
    );
    // Those that it hands work to are as they are.
    expect(of('agent:default/clerk')[0].slice(1)).toEqual([
      'You are the clerk.',
      'model:default/balanced',
    ]);
    denied = permission => permission === candidateRunPermission.name;
    expect([
      await refusal(portal.client.createRun(rehearse('desk', { candidate }))),
      await refusal(portal.client.forkRun(run.id, {})),
    ]).toEqual([
      [403, expect.stringContaining('orchestration.candidate.run')],
      [403, expect.stringContaining('orchestration.candidate.run')],
    ]);
    denied = () => false;
    expect(
      await refusal(
        portal.client.createRun(
          rehearse('desk', { candidate, rehearsal: undefined }),
        ),
      ),
    ).toEqual([400, expect.stringContaining('rehearsal')]);
  });

  it('is started by evaluations for people who may at that moment, and nothing else is', async () => {
    const { asService } = portal;
    const onBehalfOf = 'user:default/lea';
    const candidate = { instructions: 'You are brief.' };
    const run = await ended(
      rehearse('clerk', { onBehalfOf, candidate }),
      asService,
    );
    expect(run).toMatchObject({
      status: 'succeeded',
      createdBy: 'plugin:evals',
      onBehalfOf,
      candidate: { digest: digestOf(candidate) },
    });
    expect(portal.model.requests[0].caller.personRef).toBe(onBehalfOf);
    expect(
      await refusal(
        asService.createRun(
          rehearse('clerk', { onBehalfOf, rehearsal: undefined }),
        ),
      ),
    ).toEqual([403, expect.stringContaining('for other people')]);
    expect(
      await refusal(asService.createRun(rehearse('clerk', { candidate }))),
    ).toEqual([403, expect.stringContaining('onBehalfOf')]);
    expect((await refusal(asService.forkRun(run.id, {})))[0]).toBe(403);
    for (const name of [
      runCreatePermission.name,
      candidateRunPermission.name,
    ]) {
      // Of the person, in whose place the delegation asks; a service may all.
      denied = (permission, subject) =>
        permission === name && subject?.startsWith('delegation:');
      const request = rehearse('clerk', { onBehalfOf, candidate });
      expect((await refusal(asService.createRun(request)))[0]).toBe(403);
    }
    denied = () => false;
    await portal.suspend('agent:default/clerk', 'It is looked at.');
    expect(
      (
        await refusal(asService.createRun(rehearse('clerk', { onBehalfOf })))
      )[0],
    ).toBe(403);
    expect(reached()).toEqual([]);
  });
});
