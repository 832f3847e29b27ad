import type { AgentTrigger } from '@agentportal/plugin-agents-common';
import { OwnerNotices } from '@agentportal/plugin-agents-node';
import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { NotAllowedError, ServiceUnavailableError } from '@backstage/errors';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import type { NotificationSendOptions } from '@backstage/plugin-notifications-node';
import type { Knex } from 'knex';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { agent } from '../__testUtils__/agent';
import { KeyRing } from '../checkpoints/KeyRing';
import type { OwnRun } from '../runs/DefaultRuns';
import { LeaseStore } from '../store/LeaseStore';
import { MIGRATIONS_DIRECTORY } from '../store/migrate';
import { RunStore } from '../store/RunStore';
import { TriggerDispatcher } from './TriggerDispatcher';
import { firingOf, firstLook, TriggerSources } from './TriggerSources';
import { TriggerStore } from './TriggerStore';
import { WebhookSecrets } from './WebhookSecrets';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });
const CLOCK = 'agent:default/clock';
const OWNER = 'group:default/care';
const ADA = 'user:default/ada';
const NINE = Date.UTC(2026, 10, 28, 9);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const hourly = (more: object = {}): AgentTrigger =>
  ({
    name: 'hourly',
    type: 'schedule',
    cron: '0 * * * *',
    message: 'Look.',
    ...more,
  } as AgentTrigger);
const shop = (more: object = {}): AgentTrigger =>
  ({
    name: 'shop',
    type: 'webhook',
    message: 'Order {{ event.body.id }}',
    ...more,
  } as AgentTrigger);

const TABLES = ['runs', 'threads', 'daily_stats', 'triggers'];
const opened: Record<string, Promise<Knex>> = {};
async function open(databaseId: string): Promise<Knex> {
  const knex = await databases.init(databaseId as 'SQLITE_3');
  await knex.migrate.latest({ directory: MIGRATIONS_DIRECTORY });
  return knex;
}

/** The database of a portal, empty, and replicas that work on it. */
async function portal(databaseId: string, entities: Entity[] = []) {
  const knex = await (opened[databaseId] ??= open(databaseId));
  for (const table of TABLES) {
    await knex(`orchestration_${table}`).delete();
  }
  const store = new TriggerStore(knex);
  const runs = new RunStore(knex);
  const leases = new LeaseStore(knex);
  const notices: NotificationSendOptions[] = [];
  let refuse: Error | undefined;
  const start = { tries: 0, ms: 0 };
  const stopped: string[] = [];
  const starter = {
    // As the engine writes them.
    startInOwnName: async ({ agentRef, behind, trigger, ...run }: OwnRun) => {
      start.tries += 1;
      await sleep(start.ms);
      if (refuse) {
        throw refuse;
      }
      if (await runs.get(run.id)) {
        return;
      }
      await runs.create({
        ...run,
        threadId: run.id,
        snapshot: {
          ref: agentRef,
          name: 'clock',
          ownerRef: OWNER,
          spec: { ...agent('clock').spec, quotas: trigger?.quotas },
        },
        createdBy: agentRef,
        delegationId: '5e7d2a54-6a0e-4f6e-9a3b-2f6f6f3f0d11',
        lease: { owner: 'me', ms: 30_000 },
      });
    },
    stop: async (id: string) => {
      stopped.push(id);
      await end(id, 'cancelled');
    },
  };
  async function end(
    id: string,
    status: 'succeeded' | 'failed' | 'cancelled',
    now = NINE,
  ) {
    const error = { name: 'ModelCallFailed', message: 'The model is away.' };
    const run = await runs.get(id);
    await leases.end(
      { id, fence: run!.fence },
      { status, ...(status === 'failed' && { error }) },
      now,
    );
  }
  const catalog = catalogServiceMock({ entities });
  const logger = mockServices.logger.mock();
  const replica = (leaseMs?: number) => {
    const dispatcher = new TriggerDispatcher({
      leaseMs,
      store,
      runs: starter,
      logger,
      notices: new OwnerNotices({
        logger,
        notifications: { send: async notice => void notices.push(notice) },
      }),
    });
    const sources = new TriggerSources({
      store,
      dispatcher,
      catalog,
      logger,
      auth: mockServices.auth(),
    });
    return {
      turn: async (now: number) => {
        await sources.look(now);
        await dispatcher.dispatch(now);
      },
    };
  };
  const { turn } = replica();
  return {
    catalog,
    end,
    knex,
    notices,
    replica,
    runs,
    start,
    stopped,
    store,
    turn,
    refuse: (error: Error | undefined) => {
      refuse = error;
    },
    declare: (triggers: AgentTrigger[], now = NINE - 1, origin = 'here') =>
      store.declare(
        { ref: CLOCK, ownerRef: OWNER, origin, triggers },
        trigger => firstLook(trigger, now),
        now,
      ),
    the: async () => (await store.page({}, { limit: 1 })).items[0],
    started: async () =>
      (await runs.list({ agentRef: CLOCK, limit: 100 })).items,
    statuses: async () => {
      const { rows } = await store.firings.page(
        (
          await store.page({}, { limit: 1 })
        ).items[0].id,
        { limit: 100 },
      );
      return rows.map(({ status }) => status).sort();
    },
    call: async (id: string) => {
      const [trigger] = await store.active(['webhook']);
      return store.firings.enqueue(
        trigger.id,
        firingOf(trigger, id, { body: { id } }, { cause: id }),
        NINE,
      );
    },
  };
}

describe.each(databases.eachSupportedId())('triggers on %s', databaseId => {
  it('a time that is due starts one run, however many replicas look', async () => {
    const p = await portal(databaseId);
    await p.declare([hourly({ quotas: { maxSteps: 3 } })]);
    const replicas = Array.from({ length: 4 }, () => p.replica());
    await Promise.all(replicas.map(({ turn }) => turn(NINE + 1_000)));
    await Promise.all(replicas.map(({ turn }) => turn(NINE + 2_000)));
    const runs = await p.started();
    expect(runs).toHaveLength(1);
    const trigger = await p.the();
    expect(runs[0]).toMatchObject({
      createdBy: CLOCK,
      input: { message: 'Look.' },
      startedBy: {
        type: 'schedule',
        id: trigger.id,
        name: 'hourly',
        cause: '2026-11-28T09:00:00.000Z',
      },
    });
    expect(trigger.next_at).toBe(NINE + HOUR);
    const listed = async (query: object) =>
      (await p.runs.list({ limit: 10, ...query })).items.length;
    expect(await listed({ startedBy: 'schedule' })).toBe(1);
    expect(await listed({ startedBy: 'person' })).toBe(0);
    expect(await listed({ triggerId: trigger.id })).toBe(1);
    await p.end(runs[0].id, 'succeeded');
    await p.turn(NINE + 3_000);
    expect(await p.statuses()).toEqual(['succeeded']);
  });

  it.each([
    [
      'skip',
      0,
      ['3 times from 2026-11-28T09:00:00.000Z to 2026-11-28T11:00:00.000Z'],
    ],
    [
      'once',
      1,
      ['2 times from 2026-11-28T09:00:00.000Z to 2026-11-28T10:00:00.000Z'],
    ],
    ['all', 3, []],
  ] as Array<[string, number, string[]]>)(
    'after a restart over due times with catchUp %s it starts %d runs, and tells the owner what was missed',
    async (catchUp, count, told) => {
      const p = await portal(databaseId);
      await p.declare([hourly({ catchUp, ifRunning: 'queue' })]);
      const restarted = NINE + 2 * HOUR + 30 * MINUTE;
      for (let i = 0; i < 4; i++) {
        await Promise.all([
          p.turn(restarted + i),
          p.replica().turn(restarted + i),
        ]);
        for (const run of await p.started()) {
          if (run.status === 'queued') {
            await p.end(run.id, 'succeeded');
          }
        }
      }
      expect(await p.started()).toHaveLength(count);
      expect((await p.the()).next_at).toBe(NINE + 3 * HOUR);
      expect(p.notices.map(({ payload }) => payload.description)).toEqual(
        told.map(words => expect.stringContaining(words)),
      );
      expect(
        p.notices.every(
          ({ recipients, payload }) =>
            JSON.stringify(recipients).includes(OWNER) &&
            payload.title.endsWith('hourly of agent:default/clock was missed'),
        ),
      ).toBe(true);
    },
  );

  it('a clock that was ahead and is put back neither waits for ever nor repeats', async () => {
    const p = await portal(databaseId);
    await p.declare([hourly()]);
    await p.turn(NINE + 1_000);
    // Half a second slow: the same time is due once more.
    await p.declare([hourly()], NINE - 500);
    expect((await p.the()).next_at).toBe(NINE);
    await p.turn(NINE + 2_000);
    expect(await p.started()).toHaveLength(1);
    const nextYear = NINE + 365 * 24 * HOUR;
    await p.knex('orchestration_triggers').update({ next_at: nextYear });
    await p.declare([hourly()], NINE + MINUTE);
    expect((await p.the()).next_at).toBe(NINE + HOUR);
  });

  it('an agent that is no longer in production is not due, and back there its time is a new one', async () => {
    const p = await portal(databaseId);
    await p.declare([hourly()]);
    const pausedFor = async (at: number, first: number | null) => {
      await p.store.declare(
        {
          ref: CLOCK,
          ownerRef: OWNER,
          origin: 'here',
          triggers: [hourly()],
        },
        () => first,
        at,
      );
      await p.turn(at);
    };
    await pausedFor(NINE, null);
    await pausedFor(NINE + 5 * HOUR, null);
    expect(await p.started()).toEqual([]);
    await pausedFor(NINE + 5 * HOUR, NINE + 6 * HOUR);
    expect((await p.the()).next_at).toBe(NINE + 6 * HOUR);
    expect(await p.knex('orchestration_firings')).toEqual([]);
  });

  it('a reason that comes twice starts one run, also while it is worked on', async () => {
    const p = await portal(databaseId);
    await p.declare([shop({ ifRunning: 'queue' })]);
    const calls = await Promise.all(
      Array.from({ length: 5 }, () => p.call('msg_1')),
    );
    expect(new Set(calls.map(({ id }) => id)).size).toBe(1);
    expect(calls.filter(({ isNew }) => isNew)).toHaveLength(1);
    await Promise.all([p.turn(NINE), p.replica().turn(NINE)]);
    expect(await p.call('msg_1')).toMatchObject({ isNew: false });
    await p.turn(NINE);
    expect(await p.started()).toHaveLength(1);
    expect((await p.started())[0].input.message).toContain('⟦msg_1⟧');
  });

  it('goes on where a process stopped after it had started the run', async () => {
    const p = await portal(databaseId);
    await p.declare([shop()]);
    const { id } = await p.call('msg_1');
    await p.turn(NINE);
    // As if it had stopped before it could write that down.
    await p.knex('orchestration_firings').update({ status: 'waiting' });
    await p.turn(NINE);
    expect((await p.started()).map(run => run.id)).toEqual([id]);
    expect(await p.statuses()).toEqual(['started']);
  });

  it.each([
    ['skip', { runs: 1, statuses: ['skipped', 'started'], stopped: 0 }],
    ['queue', { runs: 1, statuses: ['started', 'waiting'], stopped: 0 }],
    ['cancel', { runs: 2, statuses: ['started', 'started'], stopped: 1 }],
  ])('while a run is under way: %s', async (ifRunning, expected) => {
    const p = await portal(databaseId);
    await p.declare([shop({ ifRunning })]);
    await p.call('msg_1');
    await p.turn(NINE);
    await p.call('msg_2');
    await Promise.all([p.turn(NINE), p.replica().turn(NINE)]);
    expect({
      runs: (await p.started()).length,
      statuses: await p.statuses(),
      stopped: p.stopped.length,
    }).toEqual(expected);
  });

  it('what waits with words that the trigger has no more starts nothing', async () => {
    const p = await portal(databaseId);
    await p.declare([shop({ message: 'Pay it all back.' })]);
    await p.call('msg_1');
    await p.declare([shop()]);
    await p.call('msg_2');
    await p.turn(NINE);
    expect((await p.started()).map(run => run.input.message)).toEqual([
      expect.stringContaining('⟦msg_2⟧'),
    ]);
    expect(await p.statuses()).toEqual(['skipped', 'started']);
  });

  it('a start that takes longer than the lease is left to who has begun it', async () => {
    const p = await portal(databaseId);
    await p.declare([shop()]);
    await p.call('msg_1');
    p.start.ms = 900;
    const slow = p.replica(300).turn(NINE);
    await sleep(600);
    await p.replica(300).turn(NINE);
    await slow;
    expect(p.start.tries).toBe(1);
    expect(await p.statuses()).toEqual(['started']);
  });

  it('what waits for a run is started when it has ended', async () => {
    const p = await portal(databaseId);
    await p.declare([shop({ ifRunning: 'queue' })]);
    const first = await p.call('msg_1');
    await p.turn(NINE);
    await p.call('msg_2');
    await p.turn(NINE);
    await p.end(first.id, 'succeeded');
    await p.turn(NINE);
    expect(await p.statuses()).toEqual(['started', 'succeeded']);
  });

  it('starts no more runs in a day than it may, and has room for so many that wait', async () => {
    const p = await portal(databaseId);
    await p.declare([shop({ maxPerDay: 2, ifRunning: 'queue' })]);
    for (let i = 0; i < 105; i++) {
      await p.call(`msg_${i}`);
    }
    const count = async (status: string) =>
      (await p.knex('orchestration_firings').where({ status })).length;
    expect([await count('waiting'), await count('skipped')]).toEqual([100, 5]);
    for (let i = 0; i < 3; i++) {
      await p.turn(NINE);
      for (const run of await p.started()) {
        if (run.status === 'queued') {
          await p.end(run.id, 'succeeded');
        }
      }
    }
    expect(await p.started()).toHaveLength(2);
    expect(await count('skipped')).toBe(103);
    expect(p.notices[0].payload.title).toContain('starts no more runs today');
  });

  it('what it knows already takes no room from what is new', async () => {
    const p = await portal(databaseId);
    await p.declare([shop()]);
    const [trigger] = await p.store.active(['webhook']);
    const seen = Array.from({ length: 99 }, (_, i) => ({ key: `run ${i}` }));
    const look = (more: string[]) =>
      p.store.advance(
        trigger,
        { nextAt: null, firings: [...seen, ...more.map(key => ({ key }))] },
        NINE,
      );
    await look([]);
    for (const firing of await p.store.firings.waiting(trigger.id)) {
      await p.store.firings.settle(firing, 'waiting', { status: 'started' });
    }
    await look(['run 99', 'run 100']);
    expect(
      (await p.store.firings.waiting(trigger.id))
        .map(row => row.dedupe_key)
        .sort(),
    ).toEqual(['run 100', 'run 99']);
  });

  it('the latest of each of many triggers is found by one query', async () => {
    const p = await portal(databaseId);
    await p.declare([shop(), shop({ name: 'other' }), shop({ name: 'new' })]);
    const { items } = await p.store.page({}, { limit: 10 });
    const idOf = (name: string) => items.find(item => item.name === name)!.id;
    const note = (name: string, key: string, at: number) =>
      p.store.firings.enqueue(idOf(name), { key }, at);
    await note('shop', 'late', NINE + MINUTE);
    await note('shop', 'early', NINE);
    await note('other', 'only', NINE);
    const queries: string[] = [];
    const listen = ({ sql }: { sql: string }) => queries.push(sql);
    p.knex.on('query', listen);
    const latest = await p.store.firings.latest(items.map(({ id }) => id));
    p.knex.off('query', listen);
    expect(queries).toHaveLength(1);
    expect(
      new Map([...latest].map(([id, row]) => [id, row.dedupe_key])),
    ).toEqual(
      new Map([
        [idOf('shop'), 'late'],
        [idOf('other'), 'only'],
      ]),
    );
  });

  it('an agent that fails is switched off and its owner told; resumed, it counts anew', async () => {
    const p = await portal(databaseId);
    await p.declare([shop({ offAfterFailures: 2 })]);
    for (const id of ['msg_1', 'msg_2']) {
      const call = await p.call(id);
      await p.turn(NINE);
      await p.end(call.id, 'failed');
      await Promise.all([p.turn(NINE), p.replica().turn(NINE)]);
    }
    const trigger = await p.the();
    expect(trigger).toMatchObject({
      state: 'off',
      state_reason:
        'It has failed 2 times in a row. The last time: The model is away.',
    });
    expect(p.notices.map(({ payload }) => payload.title)).toEqual([
      'The trigger shop of agent:default/clock has failed',
      'The trigger shop of agent:default/clock was switched off',
    ]);
    await p.store.setState(trigger.id, 'active', { nextAt: null }, NINE);
    expect(await p.the()).toMatchObject({ state: 'active', failures: 0 });
  });

  it('an agent that may not act fails with the reason; a portal that is busy is tried again for a while', async () => {
    const p = await portal(databaseId);
    await p.declare([shop()]);
    p.refuse(new NotAllowedError('The agent is suspended.'));
    await p.call('msg_1');
    await p.turn(NINE);
    expect(await p.statuses()).toEqual(['refused']);
    expect(p.notices[0].payload.description).toContain('is suspended');
    p.refuse(new ServiceUnavailableError('The portal is restarting.'));
    await p.call('msg_2');
    await p.turn(NINE + MINUTE);
    expect(await p.statuses()).toEqual(['refused', 'waiting']);
    p.refuse(undefined);
    await p.turn(NINE + 2 * MINUTE);
    expect(await p.statuses()).toEqual(['refused', 'started']);
  });

  it('a trigger that is paused starts nothing, and one that is gone from the file comes back with its secret', async () => {
    const p = await portal(databaseId);
    await p.declare([shop()]);
    const { id } = await p.the();
    await p.call('msg_1');
    await p.store.setState(id, 'paused', { by: 'user:default/ada' }, NINE);
    await p.turn(NINE);
    expect(await p.statuses()).toEqual(['skipped']);
    const secrets = new WebhookSecrets({ knex: p.knex, keys: new KeyRing([]) });
    await secrets.make(id, ADA, NINE);
    await p.store.forgetOthers([], NINE);
    expect(await p.the()).toBeUndefined();
    await p.store.clean(NINE + HOUR);
    await p.declare([shop()]);
    expect(await p.the()).toMatchObject({ id, state: 'active' });
    expect(await secrets.madeFor([id])).toEqual(new Set([id]));
    await p.declare([]);
    await p.store.clean(NINE + 31 * 24 * HOUR);
    expect(await p.knex('orchestration_triggers')).toEqual([]);
    expect(await p.knex('orchestration_trigger_secrets')).toEqual([]);
  });

  it('whoever takes the name of an agent elsewhere gets neither its secrets nor its past', async () => {
    const p = await portal(databaseId);
    await p.declare([shop()]);
    const { id } = await p.the();
    const secrets = new WebhookSecrets({ knex: p.knex, keys: new KeyRing([]) });
    await secrets.make(id, ADA, NINE);
    await p.declare([shop()], NINE, 'elsewhere');
    expect((await p.the()).id).not.toBe(id);
    expect(await p.knex('orchestration_trigger_secrets')).toEqual([]);
  });

  it('secrets are sealed, replaced with an overlap, and good for their trigger only', async () => {
    const p = await portal(databaseId);
    await p.declare([shop(), shop({ name: 'other' })]);
    const [one, two] = (await p.store.page({}, { limit: 2 })).items;
    const secrets = new WebhookSecrets({
      knex: p.knex,
      keys: new KeyRing([{ id: 'k1', secret: 'x'.repeat(32) }]),
    });
    const now = Date.now();
    const first = await secrets.make(one.id, ADA, now);
    await secrets.make(two.id, ADA, now);
    const second = await secrets.make(one.id, ADA, now);
    const rows = await p.knex('orchestration_trigger_secrets');
    for (const row of rows) {
      expect(row.data.toString()).not.toContain(first.secret.slice(6));
      expect(row.key_id).toBe('k1');
    }
    const signed = (secret: string, body: string, at = now) => ({
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(Math.floor(at / 1_000)),
      'webhook-signature': new Webhook(secret).sign(
        'msg_1',
        new Date(at),
        body,
      ),
    });
    const good = (
      id: string,
      headers: Record<string, string>,
      later = 0,
      body = '{}',
    ) =>
      secrets
        .verify(id, Buffer.from(body), headers, now + later)
        .then(signer => signer?.madeBy);
    expect(await good(one.id, signed(first.secret, '{}'))).toBe(ADA);
    expect(await good(one.id, signed(second.secret, '{}'))).toBe(ADA);
    expect(
      await good(one.id, signed(first.secret, '{}'), 25 * HOUR),
    ).toBeUndefined();
    expect(await good(two.id, signed(second.secret, '{}'))).toBeUndefined();
    expect(
      await good(one.id, signed(second.secret, '{}'), 0, '{} '),
    ).toBeUndefined();
    const old = signed(second.secret, '{}', now - 6 * MINUTE);
    expect(await good(one.id, old)).toBeUndefined();
    expect(await good(one.id, {})).toBeUndefined();
  });

  it('runs that end start others, of the same owner and not in circles', async () => {
    const p = await portal(databaseId);
    await p.declare([
      {
        name: 'after',
        type: 'run',
        agents: [CLOCK],
        outcomes: ['failed'],
        message: 'Run {{ event.runId }} ended as {{ event.outcome }}.',
        maxPerDay: 50,
        offAfterFailures: 50,
      },
    ]);
    await p.turn(NINE);
    const spec = agent('clock').spec;
    const seed = async (id: string, ownerRef: string, more: object = {}) => {
      await p.runs.create(
        {
          id,
          threadId: id,
          snapshot: { ref: CLOCK, name: 'clock', ownerRef, spec },
          createdBy: 'user:default/ada',
          startedBy: { type: 'person', id: 'user:default/ada' },
          delegationId: '5e7d2a54-6a0e-4f6e-9a3b-2f6f6f3f0d11',
          message: 'Hi',
          lease: { owner: 'me', ms: 1 },
          ...more,
        },
        NINE,
      );
      await p.end(id, 'failed', NINE + 1);
    };
    // Nothing has come of it that anything could follow.
    await seed('rehearsed', OWNER, { rehearsal: { answers: [] } });
    await p.turn(NINE + 11_000);
    expect((await p.started()).filter(run => run.createdBy === CLOCK)).toEqual(
      [],
    );
    await seed('ours', OWNER);
    await seed('theirs', 'group:default/others');
    for (let i = 2; i < 13; i++) {
      const now = NINE + i * 11_000;
      await Promise.all([p.turn(now), p.replica().turn(now)]);
      for (const run of await p.started()) {
        if (run.status === 'queued') {
          await p.end(run.id, 'failed', now + 1);
        }
      }
    }
    const own = (await p.started()).filter(run => run.createdBy === CLOCK);
    expect(own).toHaveLength(5);
    expect(own.map(run => run.startedBy?.depth).sort()).toEqual([
      1, 2, 3, 4, 5,
    ]);
    expect(own.at(-1)!.input.message).toContain('Run ⟦ours⟧ ended as ⟦failed⟧');
  });

  it('entities that come, change and go are seen once, and what is there at first is no news', async () => {
    const component = (name: string, title = name): Entity => ({
      apiVersion: 'backstage.io/v1alpha1',
      kind: 'Component',
      metadata: { name, title },
      spec: { type: 'service', owner: 'x' },
    });
    const entities = [component('a'), component('b')];
    const p = await portal(databaseId, entities);
    await p.declare([
      {
        name: 'parts',
        type: 'catalog',
        filter: { kind: 'Component' },
        message: '{{ event.change }} {{ event.entityRef }}',
        ifRunning: 'queue',
      },
    ]);
    await p.turn(NINE);
    expect(await p.started()).toEqual([]);
    const later = catalogServiceMock({
      entities: [component('b', 'B now'), component('c')],
    });
    jest
      .spyOn(p.catalog, 'streamEntities')
      .mockImplementation((...args) => later.streamEntities(...args));
    await Promise.all([p.turn(NINE + MINUTE), p.replica().turn(NINE + MINUTE)]);
    await p.turn(NINE + 2 * MINUTE);
    const rows = await p.knex('orchestration_firings').select('cause');
    expect(rows.map(({ cause }) => JSON.parse(cause).cause).sort()).toEqual([
      'component:default/a',
      'component:default/b',
      'component:default/c',
    ]);
  });

  it('a figure that is too high starts one run a day', async () => {
    const p = await portal(databaseId);
    await p.declare([
      {
        name: 'dear',
        type: 'threshold',
        metric: 'cost',
        over: 2,
        message: '{{ event.value }} US dollars',
      },
    ]);
    const spent = (day: number, cost: number, agentRef = CLOCK) =>
      p.knex('orchestration_daily_stats').insert({
        created_by: '',
        on_behalf_of: '',
        agent_ref: agentRef,
        agent_owner_ref: OWNER,
        day: Math.floor(NINE / 86_400_000) + day,
        cost_nano_usd: cost,
        last_at: NINE,
      });
    await spent(-1, 9e9);
    await spent(0, 1.5e9);
    await spent(0, 9e9, 'agent:default/other');
    await p.turn(NINE);
    expect(await p.started()).toEqual([]);
    await p
      .knex('orchestration_daily_stats')
      .where({ agent_ref: CLOCK, day: Math.floor(NINE / 86_400_000) })
      .update({ cost_nano_usd: 2.5e9 });
    for (let i = 1; i < 4; i++) {
      await Promise.all([
        p.turn(NINE + i * HOUR),
        p.replica().turn(NINE + i * HOUR),
      ]);
    }
    const runs = await p.started();
    expect(runs).toHaveLength(1);
    expect(runs[0].input.message).toContain('⟦2.5⟧ US dollars');
  });
});
