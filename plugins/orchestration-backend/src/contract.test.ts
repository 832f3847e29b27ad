// These three meet over HTTP only; here they are tested together.
/* eslint-disable @backstage/no-mixed-plugin-imports */
import agentsPlugin from '@agentportal/plugin-agents-backend';
import { delegationTokens } from '@agentportal/plugin-agents-node/testUtils';
import modelsPlugin from '@agentportal/plugin-models-backend';
import {
  FINAL_RUN_STATUSES,
  OrchestrationClient,
} from '@agentportal/plugin-orchestration-common';
import toolsPlugin from '@agentportal/plugin-tools-backend';
import { toolNamesOf } from '@agentportal/plugin-tools-common';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import type { Tool } from '@modelcontextprotocol/server';
import express from 'express';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { actingAuth } from './__testUtils__/actingAuth';
import { agent, until } from './__testUtils__/portal';
import { ScriptedModel } from './__testUtils__/scriptedModel';
import { ToolGateway } from './__testUtils__/toolGateway';
import { orchestrationPlugin } from './plugin';

jest.setTimeout(120_000);

const USER = mockCredentials.user.token('user:default/guest');
const TRUSTED = 'url:https://git.example.com/operator/all.yaml';
const LONG = `find_${'a_very_long_name_'.repeat(6)}end`;

/** An order that takes two hundred parameters, each with a long story. */
const LONG_SCHEMA = {
  type: 'object' as const,
  properties: Object.fromEntries(
    Array.from({ length: 200 }, (_, i) => [
      `field_${i}`,
      { type: 'string', description: `The field ${i}. ${'More. '.repeat(20)}` },
    ]),
  ),
};

const tool = (name: string, inputSchema: Tool['inputSchema']): Tool => ({
  name,
  description: `Does ${name}`,
  inputSchema,
  annotations: { readOnlyHint: true },
});
const text = { type: 'object', properties: { q: { type: 'string' } } } as const;

/** Servers by the refs of their entities, with the tools that they offer. */
const SERVERS = {
  'api:default/orders': [
    tool('find order', text),
    tool('crm:find', text),
    tool('Find/Ünïcode!', text),
    tool(LONG, text),
    tool(`${LONG}_2`, text),
    tool('many_fields', LONG_SCHEMA),
  ],
  'api:claims/orders': [tool('find order', text), tool('findClaim', text)],
};

const stops: Array<() => unknown> = [];
// One by one: the scheduler of tests is the same for all, and a portal that ends aborts its tasks.
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) {
    await stop();
  }
});

async function listen(app: express.Express): Promise<string> {
  const server = createServer(app);
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('orchestration, tools and models together', () => {
  it('let an agent call every tool that it declares, whatever its name', async () => {
    const upstream = new Map<string, ToolGateway>();
    const hosts: string[] = [];
    const entities: Entity[] = [];
    const refs: string[] = [];
    for (const [ref, tools] of Object.entries(SERVERS)) {
      const mcp = new ToolGateway(
        name => ({ content: [{ type: 'text', text: `${ref} ${name}` }] }),
        tools,
      );
      upstream.set(ref, mcp);
      const app = express();
      app.all('/mcp', express.json({ limit: '1mb' }), (req, res) => {
        void mcp.handler(req, res, req.body);
      });
      const host = await listen(app);
      hosts.push(host);
      const [, namespace, name] = /^api:(.+)\/(.+)$/.exec(ref)!;
      entities.push({
        apiVersion: 'backstage.io/v1alpha1',
        kind: 'API',
        metadata: {
          name,
          namespace,
          annotations: { 'backstage.io/managed-by-origin-location': TRUSTED },
        },
        spec: {
          type: 'mcp-server',
          lifecycle: 'production',
          owner: 'group:default/care',
          remotes: [{ type: 'streamable-http', url: `http://${host}/mcp` }],
        },
      });
      refs.push(...tools.map(({ name: each }) => toolNamesOf(ref, each).ref));
    }
    const model = new ScriptedModel(({ body }) =>
      body.messages.at(-1)?.role === 'tool'
        ? { text: 'All of them answered.' }
        : {
            toolCalls: (body.tools ?? []).map(({ function: { name } }) => ({
              name,
              args: { q: name },
            })),
          },
    );
    const provider = await listen(express().use(model.router()));
    const backend = await startTestBackend({
      features: [
        orchestrationPlugin,
        agentsPlugin,
        delegationTokens,
        modelsPlugin,
        toolsPlugin,
        actingAuth,
        catalogServiceMock.factory({
          entities: [
            agent('desk', { tools: refs, model: 'model:default/scripted' }),
            {
              apiVersion: 'agentportal.dev/v1alpha1',
              kind: 'Model',
              metadata: {
                name: 'scripted',
                namespace: 'default',
                annotations: {
                  'backstage.io/managed-by-origin-location': TRUSTED,
                },
              },
              spec: {
                type: 'route',
                lifecycle: 'production',
                owner: 'group:default/care',
                candidates: ['scripted/scripted'],
              },
            },
            ...entities,
          ],
        }),
        mockServices.rootConfig.factory({
          data: {
            app: { baseUrl: 'http://localhost' },
            backend: {
              baseUrl: 'http://localhost:7007',
              database: { client: 'better-sqlite3', connection: ':memory:' },
            },
            agents: { trustedLocations: [TRUSTED] },
            models: {
              detectOllama: false,
              providers: [
                {
                  id: 'scripted',
                  type: 'openai',
                  baseUrl: `http://${provider}/v1`,
                  apiKey: 'sk-test',
                },
              ],
            },
            tools: { allowedHosts: hosts },
          },
        }),
      ],
    });
    stops.push(() => backend.stop());
    const { port } = backend.server.address() as AddressInfo;
    const get = async (path: string, init?: RequestInit) => {
      const response = await fetch(`http://127.0.0.1:${port}/api${path}`, {
        ...init,
        headers: { authorization: `Bearer ${USER}` },
      });
      return response.json();
    };
    await get('/tools/servers/refresh', { method: 'POST' });
    await until(
      () => get('/models/models/scripted'),
      found => found.status === 'available',
      30_000,
    );
    const client = new OrchestrationClient({
      discoveryApi: {
        getBaseUrl: async plugin => `http://127.0.0.1:${port}/api/${plugin}`,
      },
    });

    const { id } = await client.createRun(
      { agentRef: 'agent:default/desk', input: { message: 'Try them all' } },
      { token: USER },
    );
    const run = await until(
      () => client.getRun(id, { token: USER }),
      ({ status }) => status === 'succeeded' || status === 'failed',
      60_000,
    );

    expect(run).toMatchObject({
      status: 'succeeded',
      output: { message: 'All of them answered.' },
    });
    expect(run.steps[0].input).not.toHaveProperty('unavailableTools');
    for (const [ref, mcp] of upstream) {
      expect(mcp.calls.map(({ name }) => name).sort()).toEqual(
        SERVERS[ref as keyof typeof SERVERS].map(({ name }) => name).sort(),
      );
    }
    const called = run.steps.filter(step => step.kind === 'tool');
    expect(called.map(step => step.toolRef).sort()).toEqual([...refs].sort());
    expect(called.every(step => step.status === 'succeeded')).toBe(true);
    expect(called.every(step => step.riskTier === 'read')).toBe(true);
    // What models take as a name, and none of them twice.
    const names = model.requests[0].body.tools!.map(t => t.function.name);
    expect(new Set(names).size).toBe(refs.length);
    expect(names.every(name => /^[a-zA-Z0-9_-]{1,64}$/.test(name))).toBe(true);
    // The gateways booked it on the run.
    await until(
      () => get(`/models/calls?runId=${id}`),
      ({ items }) => items?.length === 2,
    );
  });

  it('say the same of what a call has cost that broke off or was stopped', async () => {
    const model = new ScriptedModel(({ body }) =>
      body.messages.at(-1)?.content === 'Break off'
        ? { breakOffAfter: 'Your order is' }
        : { hang: true },
    );
    const provider = await listen(express().use(model.router()));
    const backend = await startTestBackend({
      features: [
        orchestrationPlugin,
        agentsPlugin,
        delegationTokens,
        modelsPlugin,
        actingAuth,
        catalogServiceMock.factory({
          entities: [agent('desk', { model: 'scripted/scripted' })],
        }),
        mockServices.rootConfig.factory({
          data: {
            app: { baseUrl: 'http://localhost' },
            backend: {
              baseUrl: 'http://localhost:7007',
              database: { client: 'better-sqlite3', connection: ':memory:' },
            },
            models: {
              detectOllama: false,
              providers: [
                {
                  id: 'scripted',
                  type: 'openai',
                  baseUrl: `http://${provider}/v1`,
                  apiKey: 'sk-test',
                },
              ],
              prices: [
                {
                  model: 'scripted/scripted',
                  inputNanoUsdPerMillionTokens: 1_000_000_000,
                  outputNanoUsdPerMillionTokens: 2_000_000_000,
                },
              ],
            },
          },
        }),
      ],
    });
    stops.push(() => backend.stop());
    const { port } = backend.server.address() as AddressInfo;
    const get = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${port}/api${path}`, {
        headers: { authorization: `Bearer ${USER}` },
      });
      return response.json();
    };
    await until(
      () => get('/models/models/scripted%2Fscripted'),
      found => found.status === 'available',
      30_000,
    );
    const client = new OrchestrationClient({
      discoveryApi: {
        getBaseUrl: async plugin => `http://127.0.0.1:${port}/api/${plugin}`,
      },
    });
    const endOf = async (message: string, stop: boolean) => {
      const asked = model.requests.length;
      const { id } = await client.createRun(
        { agentRef: 'agent:default/desk', input: { message } },
        { token: USER },
      );
      await until(
        () => model.requests.length,
        count => count > asked,
      );
      if (stop) {
        await client.cancelRun(id, { token: USER });
      }
      const run = await until(
        () => client.getRun(id, { token: USER }),
        ({ status }) => FINAL_RUN_STATUSES.includes(status),
        30_000,
      );
      const { items } = await get(`/models/calls?runId=${id}`);
      return {
        run,
        booked: items.reduce(
          (sum: number, call: { costNanoUsd: number }) =>
            sum + call.costNanoUsd,
          0,
        ),
      };
    };
    for (const { run, booked } of [
      await endOf('Break off', false),
      await endOf('Take your time', true),
    ]) {
      expect(booked).toBeGreaterThan(0);
      expect(run.usage.costNanoUsd).toBe(booked);
      expect(run.usage.inputTokens).toBeGreaterThan(0);
    }
  });
});
