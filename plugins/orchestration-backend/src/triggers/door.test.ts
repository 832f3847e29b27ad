import {
  type OrchestrationClient,
  triggerManagePermission,
} from '@agentportal/plugin-orchestration-common';
import { mockServices } from '@backstage/backend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import createKnex, { type Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { agent, startPortal, until, untilEnded } from '../__testUtils__/portal';

const ADA = 'user:default/ada';
const NOBODY = '11111111-2222-4333-8444-555555555555';

/** Ada owns the agents; others may read. */
const permissions = mockServices.permissions.mock({
  authorize: async (requests, options) =>
    requests.map(({ permission }) => ({
      result:
        permission.name !== triggerManagePermission.name ||
        (options?.credentials.principal as { userEntityRef?: string })
          .userEntityRef === ADA
          ? AuthorizeResult.ALLOW
          : AuthorizeResult.DENY,
    })),
  authorizeConditional: async requests =>
    requests.map(() => ({ result: AuthorizeResult.ALLOW })),
}).factory;

const trigger = {
  name: 'shop',
  type: 'webhook' as const,
  message: 'Find order {{ event.body.order }}.',
  filter: { 'body.kind': 'paid' },
};
const clock = (more: object = {}) =>
  agent('clock', {
    identity: 'own',
    sponsor: ADA,
    quotas: { maxSteps: 10 },
    tools: ['tool:default/orders.find_order'],
    triggers: [{ ...trigger, quotas: { maxSteps: 5, maxTokens: 50 } }],
    ...more,
  });

const inMemory = () =>
  createKnex({
    client: 'better-sqlite3',
    connection: ':memory:',
    useNullAsDefault: true,
  });

async function start(entity = clock(), knex?: Knex) {
  const agentsKnex = inMemory();
  const portal = await startPortal({
    knex,
    agentsKnex,
    entities: [entity],
    services: [permissions],
    model: [
      {
        toolCalls: [
          { name: 'orders__find_order', args: { number: 'NH-1' }, id: 'c1' },
        ],
      },
      { text: 'It is paid.' },
    ],
  });
  const ada = portal.as(ADA);
  const {
    items: [{ id }],
  } = await until(
    () => ada.listTriggers({ agentRef: 'agent:default/clock' }),
    ({ items }) => items.length > 0,
  );
  return {
    ...portal,
    ada,
    agentsKnex,
    id,
    secret: (await ada.makeTriggerSecret(id)).secret,
  };
}

const post = (
  url: string,
  id: string,
  body: string,
  headers: Record<string, string>,
) =>
  fetch(`${url}/webhooks/${id}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });

function signed(
  secret: string,
  body: string,
  { id = 'msg_1', at = new Date() } = {},
) {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': new Webhook(secret).sign(id, at, body),
  };
}

describe('the door for webhooks', () => {
  it('starts a run of the agent in its own name, once for each message, and what came is data', async () => {
    const { ada, agentsKnex, client, id, secret, tools, url, model } =
      await start();
    const body = JSON.stringify({ kind: 'paid', order: 'NH-1' });
    const answers = await Promise.all(
      [1, 2, 3].map(async () => {
        const response = await post(url, id, body, signed(secret, body));
        return { code: response.status, ...(await response.json()) };
      }),
    );
    expect(answers.map(({ code }) => code)).toEqual([202, 202, 202]);
    expect(answers.map(({ status }) => status).sort()).toEqual([
      'accepted',
      'duplicate',
      'duplicate',
    ]);
    const { runId } = answers[0];
    await until(
      () => ada.getRun(runId).catch(() => undefined),
      run => run !== undefined,
    );
    const run = await untilEnded(ada, runId);
    expect(run).toMatchObject({
      status: 'succeeded',
      createdBy: 'agent:default/clock',
      startedBy: { type: 'webhook', id, name: 'shop', cause: 'msg_1' },
    });
    expect(run.input.message).toContain('Find order ⟦NH-1⟧.');
    // Whoever made the secret could have signed it, and approves nothing of it.
    expect(
      await agentsKnex('agent_delegations').where('task_id', runId),
    ).toMatchObject([{ person_ref: null, started_by: ADA }]);
    expect(run.startedBy).not.toHaveProperty('madeBy');
    // No person said so, and none is there.
    expect(tools.calls).toMatchObject([{ provenance: { number: [] } }]);
    expect(model.requests[0].caller).toMatchObject({
      agentRef: 'agent:default/clock',
    });
    expect(model.requests[0].caller.personRef).toBeUndefined();
    const list = async (query: object) =>
      (await client.listRuns(query)).items.map(each => each.id);
    expect(await list({ startedBy: 'webhook' })).toEqual([runId]);
    expect(await list({ triggerId: id })).toEqual([runId]);
    expect(await list({ startedBy: 'schedule' })).toEqual([]);
    const firings = await until(
      () => client.listFirings(id),
      ({ items }) => items[0]?.status !== 'waiting',
    );
    expect(firings.items).toMatchObject([{ runId, cause: 'msg_1' }]);
  });

  it('tells whoever has no secret nothing, and whoever has one what is wrong', async () => {
    const { id, secret, url, ada } = await start();
    const body = '{"kind":"paid"}';
    const tell = async (
      to: string,
      headers: Record<string, string>,
      sent = body,
    ) => {
      const response = await post(url, to, sent, headers);
      const { error, status } = await response.json();
      return [response.status, error?.message ?? status] as const;
    };
    const good = signed(secret, body);
    const old = new Date(Date.now() - 6 * 60_000);
    const strangers = await Promise.all([
      tell(id, {}),
      tell(NOBODY, good),
      tell('%00', good),
      tell('no-id', good),
      tell(id, signed(`whsec_${'A'.repeat(43)}=`, body)),
      tell(id, { ...good, 'webhook-id': 'msg_2' }),
      tell(id, good, '{"kind":"paid" }'),
      tell(id, signed(secret, body, { at: old })),
      tell(id, { ...good, 'webhook-signature': 'v1, v1,x ,' }),
    ]);
    expect(new Set(strangers.map(([code]) => code))).toEqual(new Set([401]));
    expect(new Set(strangers.map(([, words]) => words)).size).toBe(1);

    expect(await tell(id, signed(secret, 'x'), 'x')).toEqual([
      400,
      expect.stringContaining('no JSON'),
    ]);
    const other = '{"kind":"refunded"}';
    expect(await tell(id, signed(secret, other), other)).toEqual([
      202,
      'ignored',
    ]);
    const long = JSON.stringify({ text: 'x'.repeat(300_000) });
    expect((await tell(id, signed(secret, long), long))[0]).toBe(413);
    await ada.pauseTrigger(id, { reason: 'Holidays.' });
    expect(await tell(id, signed(secret, body))).toEqual([
      409,
      expect.stringContaining('shop is paused'),
    ]);
  });

  it('asks senders to come again when too much waits, and hears them then', async () => {
    const knex = inMemory();
    const { id, secret, url } = await start(
      clock({ triggers: [{ ...trigger, ifRunning: 'queue' }] }),
      knex,
    );
    const waiting = Array.from({ length: 120 }, (_, i) => ({
      id: randomUUID(),
      trigger_id: id,
      dedupe_key: `other ${i}`,
      status: 'waiting',
      cause: '{}',
      at: Date.now(),
    }));
    await knex.batchInsert('orchestration_firings', waiting, 20);
    const body = JSON.stringify({ kind: 'paid', order: 'NH-1' });
    const send = () => post(url, id, body, signed(secret, body));
    const refused = await send();
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('60');
    await knex('orchestration_firings').delete();
    expect((await send()).status).toBe(202);
  });

  it('has an end of messages in a minute', async () => {
    const { id, url } = await start();
    const codes = await Promise.all(
      Array.from({ length: 125 }, async () =>
        post(url, id, '{}', {}).then(({ status }) => status),
      ),
    );
    expect(codes.filter(code => code === 429)).toHaveLength(5);
  });
});

describe('managing triggers', () => {
  it('is for those who may, told to the auditor, and shows where a trigger stands', async () => {
    const { ada, agentsKnex, client, id, server } = await start();
    const refused = (act: (as: OrchestrationClient) => Promise<unknown>) =>
      expect(act(client)).rejects.toMatchObject({ statusCode: 403 });
    await refused(as => as.pauseTrigger(id));
    await refused(as => as.resumeTrigger(id));
    await refused(as => as.fireTrigger(id));
    await refused(as => as.makeTriggerSecret(id));
    await expect(ada.pauseTrigger(NOBODY)).rejects.toMatchObject({
      statusCode: 404,
    });
    await expect(ada.pauseTrigger('no-id')).rejects.toMatchObject({
      statusCode: 400,
    });

    const paused = await ada.pauseTrigger(id, { reason: 'Holidays.' });
    expect(paused).toMatchObject({
      state: 'paused',
      stateReason: 'Holidays.',
      stateBy: ADA,
      hasSecret: true,
      webhookUrl: `http://localhost:${server.port()}/api/orchestration/webhooks/${id}`,
    });
    await expect(ada.fireTrigger(id)).rejects.toMatchObject({
      statusCode: 409,
    });
    expect(await ada.resumeTrigger(id)).toMatchObject({ state: 'active' });

    const { runId } = await ada.fireTrigger(id);
    await until(
      () => ada.getRun(runId).catch(() => undefined),
      run => run !== undefined,
    );
    expect((await untilEnded(ada, runId)).startedBy).toMatchObject({
      type: 'webhook',
      firedBy: ADA,
    });
    // So that she does not approve what it asks for.
    expect(
      await agentsKnex('agent_delegations').where('task_id', runId),
    ).toMatchObject([{ person_ref: null, started_by: ADA }]);
    expect((await client.listTriggers()).items).toMatchObject([
      { id, ownerRef: 'group:default/care', latest: { firedBy: ADA } },
    ]);
  });

  it('an agent that may not act in its own name starts nothing, and it says why', async () => {
    const { ada, id } = await start(clock({ lifecycle: 'experimental' }));
    await ada.fireTrigger(id);
    const { items } = await until(
      () => ada.listFirings(id),
      page => page.items[0].status === 'refused',
    );
    expect(items[0].reason).toMatch(/experimental/);
    expect(items[0].runId).toBeUndefined();
  });

  it('agents do nothing with triggers', async () => {
    const { as } = await start();
    await expect(
      as('agent:default/clock').listTriggers(),
    ).rejects.toMatchObject({ statusCode: 403 });
  });
});
