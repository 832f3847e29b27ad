// Agents act for real here.
/* eslint-disable @backstage/no-mixed-plugin-imports */
import agentsPlugin from '@agentportal/plugin-agents-backend';
import { identityClientOf } from '@agentportal/plugin-agents-node/testUtils';
import { TracesClient } from '@agentportal/plugin-traces-common';
import { createServiceFactory } from '@backstage/backend-plugin-api';
import { actionsRegistryServiceRef } from '@backstage/backend-plugin-api/alpha';
import { actionsRegistryServiceMock } from '@backstage/backend-test-utils/alpha';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { execFile } from 'node:child_process';
import { request } from 'node:http';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { exportOf, newTraceId, span } from './__testUtils__/payloads';
import {
  createTraceConditionalDecision,
  traceConditions,
} from './permissions/rules';
import { tracesPlugin } from './plugin';

jest.setTimeout(120_000);

const DANA = 'user:default/dana';
const OLGA = 'user:default/olga';
const ADMIN = 'user:default/admin';
const DESK = 'agent:default/desk';
const CLOCK = 'agent:default/clock';

function agent(name: string, owner: string, system?: string): Entity {
  return {
    apiVersion: 'agentportal.dev/v1alpha1',
    kind: 'Agent',
    metadata: { name },
    spec: {
      type: 'assistant',
      lifecycle: 'production',
      owner,
      sponsor: DANA,
      autonomy: 'autopilot',
      identity: 'own',
    },
    relations: [
      { type: 'ownedBy', targetRef: owner },
      ...(system ? [{ type: 'partOf', targetRef: system }] : []),
    ],
  };
}

/** Something that agents are in, and what that is in. */
function place(kind: string, name: string, type: string, targetRef?: string) {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind,
    metadata: { name },
    ...(targetRef && { relations: [{ type, targetRef }] }),
  };
}

const service = mockCredentials.service.token({
  onBehalfOf: mockCredentials.service('plugin:orchestration'),
  targetPluginId: 'traces',
});

async function start() {
  const actions = actionsRegistryServiceMock();
  const backend = await startTestBackend({
    features: [
      tracesPlugin,
      agentsPlugin,
      createServiceFactory({
        service: actionsRegistryServiceRef,
        deps: {},
        factory: () => actions,
      }),
      catalogServiceMock.factory({
        entities: [
          agent('desk', 'group:default/care', 'system:default/orders'),
          place('System', 'orders', 'partOf', 'domain:default/returns'),
          place('Domain', 'returns', 'partOf', 'domain:default/shop'),
          place('Domain', 'shop', 'partOf', 'domain:default/returns'),
          place('Group', 'care', 'childOf', 'group:default/all'),
          place('Group', 'all', 'childOf'),
          agent('clock', 'group:default/ops'),
        ],
      }),
      mockServices.permissions.mock({
        authorize: async (requests, options) =>
          requests.map(() => ({
            result: ['service', ADMIN].includes(nameOf(options))
              ? AuthorizeResult.ALLOW
              : AuthorizeResult.DENY,
          })),
        authorizeConditional: async ([{ permission }], options) => {
          const name = nameOf(options);
          if (['service', ADMIN].includes(name)) {
            return [{ result: AuthorizeResult.ALLOW }];
          }
          return [
            name === 'user:default/stranger'
              ? { result: AuthorizeResult.DENY }
              : createTraceConditionalDecision(permission as never, {
                  anyOf: [
                    traceConditions.isTraceUser({ userRef: name }),
                    traceConditions.isTraceAgentOwner({
                      claims: [
                        name,
                        ...(name === OLGA ? ['group:default/care'] : []),
                      ],
                    }),
                  ],
                }),
          ];
        },
      }).factory,
      mockServices.rootConfig.factory({
        data: {
          backend: {
            database: { client: 'better-sqlite3', connection: ':memory:' },
          },
          traces: { maxSpansOfTrace: 1_500 },
        },
      }),
    ],
  });
  const base = `http://localhost:${backend.server.port()}/api/traces`;
  const client = new TracesClient({
    discoveryApi: { getBaseUrl: async () => base },
    fetchApi: { fetch },
  });
  const post = async (
    payload: object | Uint8Array,
    token: string | undefined,
    headers: Record<string, string> = {},
  ) => {
    const response = await fetch(`${base}/v1/traces`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body:
        payload instanceof Uint8Array
          ? new Uint8Array(payload)
          : JSON.stringify(payload),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text ? JSON.parse(text) : undefined,
    };
  };
  return {
    ...{ actions, backend, base, client, post },
    identities: identityClientOf(backend.server),
    by: (ref: string) => ({ token: mockCredentials.user.token(ref) }),
  };
}

function nameOf(options: any): string {
  const { principal } = options.credentials;
  return principal.type === 'service' ? 'service' : principal.userEntityRef;
}

describe('the traces plugin', () => {
  let portal: Awaited<ReturnType<typeof start>>;
  const own = (ref: string) => mockCredentials.user.token(ref);
  const admin = { token: own(ADMIN) };

  beforeAll(async () => {
    portal = await start();
  });
  afterAll(() => portal.backend.stop());

  it.each([
    ['json', 'none'],
    ['protobuf', 'none'],
    ['protobuf', 'gzip'],
  ])(
    'takes what the OpenTelemetry SDK sends as %s with compression %s',
    async (format, compression) => {
      const { stdout: traceId } = await promisify(execFile)(process.execPath, [
        path.join(__dirname, '__testUtils__/emitter.cjs'),
        `${portal.base}/v1/traces`,
        service,
        format,
        compression,
      ]);
      expect(await portal.client.getTrace(traceId, admin)).toMatchObject({
        name: 'crewai.workflow',
        rootReceived: true,
        status: 'ok',
        agentRef: DESK,
        ownerRef: 'group:default/care',
        sessionId: 'c-1',
        spans: 3,
        errors: 1,
        tokens: { inputTokens: 1_000, outputTokens: 50 },
        sentBy: 'plugin:orchestration',
      });
      const { items } = await portal.client.listSpans(traceId, {}, admin);
      expect(
        items.map(({ depth, name, kind, error }) => [depth, name, kind, error]),
      ).toEqual([
        [0, 'crewai.workflow', 'workflow', undefined],
        [1, 'gpt.llm', 'model', undefined],
        [1, 'search.tool', 'tool', 'TypeError'],
      ]);
      const details = await portal.client.getSpan(
        traceId,
        items[2].spanId,
        admin,
      );
      expect(details).toMatchObject({
        scope: 'crew',
        events: [
          { name: 'exception', attributes: { 'exception.type': 'TypeError' } },
        ],
      });
      expect(JSON.stringify(details)).not.toContain('no such index');
      const first = await portal.client.getSpan(
        traceId,
        items[1].spanId,
        admin,
      );
      expect(first.attributes).toMatchObject({
        'gen_ai.response.finish_reasons': ['stop'],
        'gen_ai.request.temperature': 0.5,
      });
    },
  );

  it('answers in the form of the request, with what it refused', async () => {
    const good = span();
    const payload = exportOf([good, { ...span(), spanId: 'x' }]);
    expect(await portal.post(payload, service)).toMatchObject({
      status: 200,
      body: {
        partialSuccess: {
          rejectedSpans: '1',
          errorMessage: '1: no valid trace id and span id',
        },
      },
    });
    expect(await portal.post(exportOf([good]), service)).toMatchObject({
      status: 200,
      body: {},
    });
    // Sent again it changed nothing.
    expect(await portal.client.getTrace(good.traceId, admin)).toMatchObject({
      spans: 1,
    });
    // One span without ids, in protobuf: resource_spans { scope_spans { spans {} } }.
    const answer = await fetch(`${portal.base}/otlp/v1/traces`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${service}`,
        'content-type': 'application/x-protobuf',
      },
      body: Buffer.from([10, 4, 18, 2, 18, 0]),
    });
    expect(answer.headers.get('content-type')).toBe('application/x-protobuf');
    expect(Buffer.from(await answer.arrayBuffer()).toString()).toContain(
      '1: no valid trace id and span id',
    );
  });

  it('refuses what is no export, too large or of nobody', async () => {
    expect(await portal.post({ resourceSpans: 7 }, service)).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringMatching(/in json/) } },
    });
    expect(
      await portal.post(exportOf([span()]), service, {
        'content-type': 'text/plain',
      }),
    ).toMatchObject({ status: 415 });
    const bomb = gzipSync(Buffer.alloc(40_000_000, ' '));
    expect(
      await portal.post(bomb, service, { 'content-encoding': 'gzip' }),
    ).toMatchObject({ status: 413 });
    expect(await portal.post(exportOf([span()]), own(DANA))).toMatchObject({
      status: 403,
      body: { error: { message: expect.stringMatching(/traces.span.write/) } },
    });
    expect((await portal.post(exportOf([span()]), 'nonsense')).status).toBe(
      401,
    );
  });

  it('reads a few bodies of one sender at a time, and forgets those that end', async () => {
    const slow = Array.from({ length: 16 }, () =>
      request(`${portal.base}/v1/traces`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${service}`,
          'content-type': 'application/json',
          'content-length': '100',
        },
      }).on('error', () => {}),
    );
    const statusOf = async (token: string) =>
      (await portal.post(exportOf([span()]), token)).status;
    const until = async (status: number) => {
      while ((await statusOf(service)) !== status) {
        await new Promise(resolve => setTimeout(resolve, 50));
      }
    };
    slow.forEach(each => each.write('{'));
    await until(429);
    expect(await statusOf(own(ADMIN))).toBe(200);
    slow.forEach(each => each.destroy());
    await until(200);
  });

  it('counts spans of an agent’s token for that agent alone, whatever they say', async () => {
    const claims = span({
      attributes: {
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.agent.id': CLOCK,
        'user.id': OLGA,
      },
    });
    expect(await portal.post(exportOf([claims]), own(DESK))).toMatchObject({
      status: 200,
      body: {},
    });
    const trace = await portal.client.getTrace(claims.traceId, admin);
    expect(trace).toMatchObject({
      agentRef: DESK,
      ownerRef: 'group:default/care',
      sentBy: DESK,
    });
    expect(trace.userRef).toBeUndefined();

    // And nobody else's token adds to what it began, so as to read it or to spoil it.
    const forged = span({
      traceId: claims.traceId,
      start: Date.now() - 60_000,
    });
    expect(await portal.post(exportOf([forged]), own(CLOCK))).toMatchObject({
      status: 200,
      body: {
        partialSuccess: {
          errorMessage: '1: the trace was begun by somebody else',
        },
      },
    });
    // What the portal began for it, it may add to.
    const begun = span({ attributes: { 'gen_ai.agent.id': DESK } });
    await portal.post(exportOf([begun]), service);
    const more = span({ traceId: begun.traceId, parentId: begun.spanId });
    expect((await portal.post(exportOf([more]), own(DESK))).body).toEqual({});
    expect(await portal.client.getTrace(begun.traceId, admin)).toMatchObject({
      spans: 2,
    });
  });

  it('shows traces, lists and figures to those who may read them, and to nobody else', async () => {
    const { client, by } = portal;
    const traceId = newTraceId();
    await portal.post(
      exportOf([
        span({
          traceId,
          name: 'for dana',
          attributes: {
            'gen_ai.agent.id': DESK,
            'user.id': DANA,
            'session.id': 'private',
          },
        }),
      ]),
      service,
    );
    const sees = async (ref: string) => {
      const [one, list, sessions, series] = await Promise.allSettled([
        client.getTrace(traceId, by(ref)),
        client.listTraces({ q: 'for dana' }, by(ref)),
        client.listSessions({}, by(ref)),
        client.getSeries({ groupBy: 'agent' }, by(ref)),
      ]);
      return [
        one.status === 'fulfilled',
        list.status === 'fulfilled' && list.value.items.length > 0,
        sessions.status === 'fulfilled' &&
          sessions.value.items.some(({ sessionId }) => sessionId === 'private'),
        series.status === 'fulfilled' &&
          series.value.items.some(({ key }) => key === DESK),
      ];
    };
    expect(await sees(ADMIN)).toEqual([true, true, true, true]);
    // Who owns the agent.
    expect(await sees(OLGA)).toEqual([true, true, true, true]);
    // For whom it worked; figures tell of others as well.
    expect(await sees(DANA)).toEqual([true, true, true, false]);
    expect(await sees('user:default/other')).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(await sees('user:default/stranger')).toEqual([
      false,
      false,
      false,
      false,
    ]);
    await expect(
      client.listSpans(traceId, {}, by('user:default/other')),
    ).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/no trace/) },
    });
  });

  it('tells of the agents in a part of the company, and only to who may read them', async () => {
    const { client, by } = portal;
    for (const id of [DESK, CLOCK]) {
      const sent = span({
        name: `part ${id}`,
        attributes: {
          'gen_ai.operation.name': 'invoke_agent',
          'gen_ai.agent.id': id,
        },
      });
      await portal.post(exportOf([sent]), service);
    }
    const seen = async (withinRef: string, ref = ADMIN) => {
      const [list, series, tail] = await Promise.all([
        client.listTraces({ withinRef, q: 'part' }, by(ref)),
        client.getSeries({ withinRef, groupBy: 'agent' }, by(ref)),
        client.getTail({ withinRef, by: 'agent' }, by(ref)),
      ]);
      return [
        [...new Set(list.items.map(({ agentRef }) => agentRef))].sort(),
        series.items.map(({ key }) => key).sort(),
        tail.count ===
          series.items.reduce((n, { total }) => n + total.count, 0),
      ];
    };
    for (const part of [
      'system:default/orders',
      'domain:default/returns',
      'domain:default/shop',
      'group:default/all',
      'group:default/care',
      DESK,
    ]) {
      expect([part, await seen(part)]).toEqual([part, [[DESK], [DESK], true]]);
    }
    expect(await seen('system:default/none')).toEqual([[], [], true]);
    expect(await seen('domain:default/shop', OLGA)).toEqual([
      ...[[DESK], [DESK], true],
    ]);
    expect(await seen(CLOCK, OLGA)).toEqual([[], [], true]);
    for (const [bad, words] of [
      ['component:default/x', /Name a group/],
      ['desk', /no entity ref/],
    ] as const) {
      await expect(
        client.getSeries({ withinRef: bad }, by(ADMIN)),
      ).rejects.toMatchObject({
        cause: { message: expect.stringMatching(words) },
      });
    }
  });

  it('lets those who may read a trace flag it, and says who did', async () => {
    const { client, by } = portal;
    const sent = span({
      name: 'odd',
      attributes: { 'gen_ai.agent.id': DESK, 'user.id': DANA },
    });
    await portal.post(exportOf([sent]), service);
    const { traceId } = sent;
    const flag = { reason: 'Refunded twice' };
    for (const body of [{ reason: ' ' }, { reason: 'x'.repeat(501) }]) {
      await expect(
        client.flagTrace(traceId, body, by(OLGA)),
      ).rejects.toMatchObject({ cause: { name: 'InputError' } });
    }
    await expect(
      client.flagTrace(traceId, flag, by('user:default/other')),
    ).rejects.toMatchObject({ cause: { name: 'NotFoundError' } });
    await client.flagTrace(traceId, { reason: 'First' }, by(DANA));
    expect(await client.flagTrace(traceId, flag, by(OLGA))).toMatchObject({
      flag: { ...flag, by: OLGA },
    });
    const flagged = async () =>
      (await client.listTraces({ flagged: true }, by(DANA))).items;
    expect(await flagged()).toMatchObject([{ traceId, flag: { by: OLGA } }]);
    const unflagged = await client.unflagTrace(traceId, by(DANA));
    expect(unflagged.flag).toBeUndefined();
    expect(await flagged()).toEqual([]);
  });

  it('erases a person at their word, or that of those who may, and leaves the figures', async () => {
    const { client, by } = portal;
    const EVE = 'user:default/eve';
    const sent = span({
      name: 'of somebody',
      attributes: {
        'gen_ai.agent.id': DESK,
        'user.id': EVE,
        'session.id': 'of-one',
      },
    });
    await portal.post(exportOf([sent]), service);
    await client.flagTrace(sent.traceId, { reason: 'Look' }, by(EVE));
    for (const [ref, who, name] of [
      [EVE, OLGA, 'NotAllowedError'],
      [DESK, ADMIN, 'InputError'],
    ]) {
      await expect(client.erasePerson(ref, by(who))).rejects.toMatchObject({
        cause: { name },
      });
    }
    await expect(
      client.erasePerson(EVE, { token: service }),
    ).rejects.toMatchObject({ cause: { name: 'NotAllowedError' } });
    expect(await client.erasePerson(EVE, by(EVE))).toEqual({ traces: 1 });
    expect(await client.erasePerson(EVE, admin)).toEqual({ traces: 0 });
    const left = await client.getTrace(sent.traceId, admin);
    expect(left).toMatchObject({
      keeps: 'summary',
      flag: { by: '', reason: '' },
    });
    expect(JSON.stringify(left)).not.toContain('eve');
    const { items } = await client.listSessions({}, admin);
    expect(
      items.find(({ sessionId }) => sessionId === 'of-one')?.userRef,
    ).toBeUndefined();
    await expect(client.getTrace(sent.traceId, by(EVE))).rejects.toMatchObject({
      cause: { name: 'NotFoundError' },
    });
  });

  it('lets an agent that acts for a person send what it does for that person', async () => {
    const { client, by } = portal.identities;
    const delegation = await client.createDelegation(
      {
        agentRef: DESK,
        personRef: DANA,
        startedBy: DANA,
        taskId: 'run-1',
        expiresAt: new Date(Date.now() + 600_000).toISOString(),
      },
      by,
    );
    const sent = span();
    expect(
      (await portal.post(exportOf([sent]), own(delegation.ref))).status,
    ).toBe(200);
    expect(
      await portal.client.getTrace(sent.traceId, portal.by(DANA)),
    ).toMatchObject({ agentRef: DESK, userRef: DANA });
  });

  it('takes a part of a trace that is too large, and opens it page by page', async () => {
    const traceId = newTraceId();
    const root = span({ traceId, name: 'root' });
    const spans = Array.from({ length: 1_600 }, (_, i) =>
      span({
        traceId,
        parentId: root.spanId,
        start: Date.now() - 900 + (i % 800),
      }),
    );
    const { body } = await portal.post(exportOf([root, ...spans]), service);
    expect(body.partialSuccess).toEqual({
      rejectedSpans: '101',
      errorMessage: '101: more than 1500 spans in one trace',
    });
    const { client } = portal;
    const first = await client.listSpans(traceId, { limit: 900 }, admin);
    expect(first).toMatchObject({ totalItems: 1_500 });
    expect(first.items[0]).toMatchObject({ name: 'root', childCount: 1_499 });
    const { items, nextCursor } = await client.listSpans(
      traceId,
      { limit: 900, cursor: first.nextCursor },
      admin,
    );
    expect(nextCursor).toBeUndefined();
    expect(
      new Set([...first.items, ...items].map(({ spanId }) => spanId)).size,
    ).toBe(1_500);
    expect(await client.listSpans(traceId, { depth: 1 }, admin)).toMatchObject({
      totalItems: 1,
    });
    expect(
      await client.listSpans(
        traceId,
        { parentId: root.spanId, limit: 2 },
        admin,
      ),
    ).toMatchObject({ totalItems: 1_499 });
    await expect(
      client.listSpans(traceId, { parentId: 'f'.repeat(16) }, admin),
    ).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/has no span/) },
    });
  });

  it('has every operation of people as an action', async () => {
    const { actions } = (await portal.actions.list()) as unknown as {
      actions: Array<{ name: string; attributes: object }>;
    };
    expect(
      actions
        .map(({ name }) => name)
        .filter(name => /trace|span/.test(name))
        .sort(),
    ).toEqual([
      'erase-person-from-traces',
      'flag-trace',
      'get-span',
      'get-trace',
      'get-trace-series',
      'get-trace-tail',
      'list-trace-sessions',
      'list-traces',
      'unflag-trace',
    ]);
    const sent = span({
      name: 'by action',
      attributes: { 'gen_ai.agent.id': DESK },
    });
    await portal.post(exportOf([sent]), service);
    const invoke = (id: string, input: object) =>
      portal.actions.invoke({
        id,
        input: input as never,
        credentials: mockCredentials.user(ADMIN),
      });
    expect(
      await invoke('test:get-trace', { traceId: sent.traceId }),
    ).toMatchObject({
      output: { trace: { name: 'by action' }, totalSpans: 1 },
    });
    expect(
      await invoke('test:get-trace-series', { groupBy: 'owner' }),
    ).toMatchObject({ output: { intervalSeconds: 3_600 } });
  });
});
