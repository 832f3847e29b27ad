import {
  ExportVerifier,
  LogVerifier,
  verifyConsistency,
} from '@agentportal/audit-log';
import {
  auditLogServiceRef,
  type AuditLog,
} from '@agentportal/plugin-agents-node';
import {
  auditExportPermission,
  auditReadPermission,
  type AuditRecord,
  GovernanceClient,
} from '@agentportal/plugin-governance-common';
import {
  coreServices,
  createBackendPlugin,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { actionsRegistryServiceRef } from '@backstage/backend-plugin-api/alpha';
import { actionsRegistryServiceMock } from '@backstage/backend-test-utils/alpha';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import {
  AuthorizeResult,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import type { JsonObject } from '@backstage/types';
import { record } from './__testUtils__/log';
import { governancePlugin } from './plugin';
import { auditorToAuditLog } from './writers/auditorToAuditLog';

jest.setTimeout(120_000);

const desk = {
  apiVersion: 'agentportal.dev/v1alpha1',
  kind: 'Agent',
  metadata: { name: 'desk', namespace: 'default', uid: 'u1', etag: 'e1' },
  spec: { owner: 'group:default/care' },
  relations: [{ type: 'ownedBy', targetRef: 'group:default/care' }],
};
const olga = 'user:default/olga';
const token = (ref: string) => mockCredentials.user.token(ref);
const service = mockCredentials.service.token({
  onBehalfOf: mockCredentials.service('plugin:tools'),
  targetPluginId: 'governance',
});

async function start(
  options: {
    config?: JsonObject;
    decide?: (name: string) => PolicyDecision;
  } = {},
) {
  const allow: PolicyDecision = { result: AuthorizeResult.ALLOW };
  const decide = options.decide ?? (() => allow);
  const actions = actionsRegistryServiceMock();
  let log: AuditLog;
  let auditor: any;
  const backend = await startTestBackend({
    features: [
      governancePlugin,
      auditorToAuditLog,
      createServiceFactory({
        service: actionsRegistryServiceRef,
        deps: {},
        factory: () => actions,
      }),
      createServiceFactory({
        service: catalogServiceRef,
        deps: {},
        factory: () => catalogServiceMock({ entities: [desk] }),
      }),
      mockServices.permissions.mock({
        authorize: async requests =>
          requests.map(({ permission }) => ({
            result: decide(permission.name).result as AuthorizeResult.ALLOW,
          })),
        authorizeConditional: async requests =>
          requests.map(({ permission }) => decide(permission.name)),
      }).factory,
      mockServices.rootConfig.factory({
        data: {
          backend: {
            database: { client: 'better-sqlite3', connection: ':memory:' },
          },
          governance: {
            audit: {
              secrets: [Buffer.alloc(32, 1).toString('base64')],
              ...options.config,
            },
          },
        },
      }),
      createBackendPlugin({
        pluginId: 'tools',
        register(env) {
          env.registerInit({
            deps: {
              auditLog: auditLogServiceRef,
              auditor: coreServices.auditor,
            },
            async init(deps) {
              log = deps.auditLog;
              auditor = deps.auditor;
            },
          });
        },
      }),
    ],
  });
  const { server } = backend;
  const base = `http://localhost:${server.port()}/api/governance`;
  return {
    actions,
    auditor,
    backend,
    base,
    client: new GovernanceClient({
      discoveryApi: { getBaseUrl: async () => base },
    }),
    log: log!,
  };
}

describe('the governance plugin', () => {
  it('records for services, and proves what it gives', async () => {
    const { base, client, log, backend } = await start();
    await Promise.all(Array.from({ length: 300 }, () => log.record(record())));
    const dana = { token: token('user:default/dana') };
    const { items, nextCursor } = await client.listEntries(
      { limit: 100 },
      dana,
    );
    expect(items).toHaveLength(100);
    expect(nextCursor).toBeDefined();
    expect(items[0]).toMatchObject({
      agentOwnerRef: 'group:default/care',
      source: 'plugin:tools',
      time: items[0].time,
    });

    const get = async (path: string) =>
      (
        await fetch(`${base}${path}`, {
          headers: { authorization: `Bearer ${dana.token}` },
        })
      ).json();
    const keys = await get('/public-keys');
    const { proof } = await client.getEntry(items[0].id, {}, dana);
    expect(new LogVerifier(keys).isHeadSigned(proof.head)).toBe(true);
    await log.record(record());
    const later = (
      await client.getEntry(
        (
          await client.listEntries({ limit: 1 }, dana)
        ).items[0].id,
        {},
        dana,
      )
    ).proof.head;
    const { hashes } = await get(
      `/consistency?from=${proof.head.size}&to=${later.size}`,
    );
    const bytes = (text: string) => Buffer.from(text, 'base64url');
    expect(
      verifyConsistency({
        from: proof.head.size,
        to: later.size,
        fromRoot: bytes(proof.head.root),
        toRoot: bytes(later.root),
        hashes: hashes.map(bytes),
      }),
    ).toBe(true);
    expect((await get('/tree-heads?limit=1')).items).toEqual([later]);

    const verifier = new ExportVerifier({ keys });
    const stream = await client.exportEntries({}, dana);
    (await new Response(stream).text())
      .trimEnd()
      .split('\n')
      .forEach(line => verifier.line(line));
    expect(verifier.finish()).toMatchObject({
      intact: true,
      scope: 'all',
      entries: 302,
    });
    const cef = await new Response(
      await client.exportEntries({ format: 'cef', runId: 'run-1' }, dana),
    ).text();
    expect(cef.split('\n')[0]).toMatch(
      /^CEF:0\|Agent Portal\|governance\|1\|tool-call\|tool\.call\|2\|rt=\d+ .*suser=agent:default\/desk duser=user:default\/dana/,
    );
    const ocsf = await new Response(
      await client.exportEntries({ format: 'ocsf' }, dana),
    ).text();
    expect(JSON.parse(ocsf.split('\n')[0])).toMatchObject({
      class_uid: 6003,
      type_uid: 600399,
      status: 'succeeded',
    });

    const run = await client.getRunRecord('run-1', {}, dana);
    expect(run.items[0].sentence).toBe(
      'agent:default/desk called the tool tool:default/orders.refund for user:default/dana.',
    );
    const stats = await client.getStats({}, dana);
    expect(stats.days).toMatchObject([{ entries: 304 }]);
    await backend.stop();
  });

  it('says what is wrong with what it is asked', async () => {
    const { base, backend } = await start();
    const post = async (path: string, body: unknown, as: string) => {
      const response = await fetch(`${base}${path}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${as}`,
        },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      return { status: response.status, ...((await response.json()) as any) };
    };
    const records: Array<[unknown, RegExp]> = [
      [{}, /items/],
      [{ items: [] }, /items/],
      [{ items: [{}] }, /required/],
      [{ items: [{ ...record(), seq: 7 }] }, /unevaluated|additional|seq/],
      [{ items: [{ ...record(), type: 'x' }] }, /type/],
      [{ items: [record({ resource: 'a\u0000b' })] }, /resource|pattern/],
      [{ items: [record({ time: 'yesterday' })] }, /time/],
      [
        { items: [record({ data: { long: 'x'.repeat(70_000) } })] },
        /70\d\d\d characters/,
      ],
      [
        { items: [record({ personal: { dana: {} } })] },
        /entity ref of a person/,
      ],
      [{ items: Array(501).fill(record()) }, /500/],
      ['{"items": [', /JSON/],
    ];
    for (const [body, message] of records) {
      const answer = await post('/entries', body, service);
      expect({
        body: JSON.stringify(body).slice(0, 99),
        status: answer.status,
      }).toMatchObject({ status: 400 });
      expect(answer.error.message).toMatch(message);
    }
    expect(
      (await post('/entries', { items: [record()] }, token(olga))).status,
    ).toBe(403);
    expect(
      (
        await post(
          '/erasures',
          { personRef: 'group:default/x', reason: 'r' },
          token(olga),
        )
      ).error.message,
    ).toMatch(/entity ref of a person/);
    expect(
      (await post('/holds/none/release', { reason: 'r' }, token(olga))).status,
    ).toBe(404);
    for (const path of [
      '/entries?cursor=x',
      '/entries?from=never',
      '/consistency?from=5&to=1',
      '/stats?from=2020-01-01T00:00:00Z',
      '/entries?type=x',
      '/entries?text=a',
    ]) {
      const response = await fetch(`${base}${path}`, {
        headers: { authorization: `Bearer ${token(olga)}` },
      });
      expect({ path, status: response.status }).toEqual({ path, status: 400 });
    }
    await backend.stop();
  });

  it('shows nobody what the policy does not let them see', async () => {
    const conditions = (
      rule: string,
      params: Record<string, string | string[]>,
    ): PolicyDecision => ({
      result: AuthorizeResult.CONDITIONAL,
      pluginId: 'governance',
      resourceType: 'governance-audit-entry',
      conditions: {
        rule,
        resourceType: 'governance-audit-entry',
        params,
      },
    });
    let decision: PolicyDecision = { result: AuthorizeResult.DENY };
    const { client, log, backend } = await start({
      decide: name =>
        name === auditReadPermission.name || name === auditExportPermission.name
          ? decision
          : { result: AuthorizeResult.DENY },
    });
    await log.record(record({ id: 'dana-and-desk' }));
    await log.record(
      record({
        id: 'elin-and-other',
        agentRef: 'agent:default/other',
        personRef: 'user:default/elin',
      }),
    );
    const as = { token: token(olga) };
    const list = async () =>
      (await client.listEntries({}, as)).items.map(({ id }) => id);

    await expect(list()).rejects.toMatchObject({ statusCode: 403 });
    await expect(client.getStats({}, as)).rejects.toMatchObject({
      statusCode: 403,
    });
    await expect(client.exportEntries({}, as)).rejects.toMatchObject({
      statusCode: 403,
    });
    await expect(
      client.erasePerson({ personRef: olga, reason: 'r' }, as),
    ).rejects.toMatchObject({ statusCode: 403 });
    await expect(client.createHold({ reason: 'r' }, as)).rejects.toMatchObject({
      statusCode: 403,
    });

    decision = conditions('IS_ABOUT_PERSON', { userRef: 'user:default/elin' });
    expect(await list()).toEqual(['elin-and-other']);
    await expect(
      client.getEntry('dana-and-desk', {}, as),
    ).rejects.toMatchObject({ statusCode: 404 });
    expect((await client.getRunRecord('run-1', {}, as)).items).toHaveLength(1);
    expect((await client.getStats({}, as)).days).toMatchObject([
      { entries: 1 },
    ]);
    decision = conditions('IS_AUDIT_AGENT_OWNER', {
      claims: ['group:default/care'],
    });
    expect(await list()).toEqual(['dana-and-desk']);
    await backend.stop();
  });

  it('keeps what Backstage plugins tell the auditor, and changes in the catalog', async () => {
    const { auditor, backend, client } = await start({
      config: { heads: { every: { seconds: 1 } } },
    });
    const request = {
      originalUrl: '/x?token=secret',
      method: 'POST',
      ip: '10.0.0.7',
      get: () => 'curl',
      headers: { authorization: `Bearer ${token('user:default/dana')}` },
    };
    const event = await auditor.createEvent({
      eventId: 'key-create',
      severityLevel: 'medium',
      request,
      meta: { runId: 'r-9', nothing: undefined },
    });
    await event.success({ meta: { keyId: 'k1' } });
    const low = await auditor.createEvent({
      eventId: 'list',
      severityLevel: 'low',
    });
    await low.success();
    const fails = await auditor.createEvent({
      eventId: 'wipe',
      severityLevel: 'critical',
    });
    await fails.fail({ error: new Error('No.') });
    const as = { token: token(olga) };
    let items: AuditRecord[] = [];
    for (let i = 0; i < 100 && items.length < 2; i += 1) {
      ({ items } = await client.listEntries({}, as));
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    const byAction = Object.fromEntries(
      items.map(item => [`${item.action} ${item.outcome}`, item]),
    );
    expect(Object.keys(byAction).sort()).toEqual([
      'tools.key-create succeeded',
      'tools.wipe failed',
    ]);
    expect(byAction['tools.key-create succeeded']).toMatchObject({
      actor: { type: 'person', ref: 'user:default/dana' },
      runId: 'r-9',
      data: {
        severity: 'medium',
        request: { method: 'POST', url: '/x' },
        meta: { keyId: 'k1' },
      },
      personal: { 'user:default/dana': { ip: '10.0.0.7', userAgent: 'curl' } },
    });
    expect(byAction['tools.wipe failed'].reason).toBe('No.');
    await backend.stop();
  });

  it('offers what can be read as actions', async () => {
    const { actions, log, backend } = await start();
    await log.record(record({ id: 'the-one' }));
    const invoke = async (id: string, input: JsonObject) =>
      (
        await actions.invoke({
          id: `test:${id}`,
          input,
          credentials: mockCredentials.user(olga),
        } as any)
      ).output as any;
    expect((await invoke('list-audit-entries', {})).items).toHaveLength(1);
    expect(
      (await invoke('get-audit-entry', { id: 'the-one' })).proof.head.size,
    ).toBe(1);
    expect(
      (await invoke('get-run-record', { runId: 'run-1' })).items[0].sentence,
    ).toContain('desk');
    await backend.stop();
  });
});
