import { OwnerNotices } from '@agentportal/plugin-agents-node';
import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { randomUUID } from 'node:crypto';
import { agent, person } from '../__testUtils__/portal';
import { remindOfExpiry } from '../credentials/remindOfExpiry';
import { CredentialStore } from '../credentials/CredentialStore';
import { GrantStore } from '../grants/GrantStore';
import { AgentRecords } from '../identities/AgentRecords';
import { StateStore } from '../identities/StateStore';
import { MIGRATIONS_DIRECTORY } from '../store/openDatabase';
import { RetentionStore } from '../store/RetentionStore';
import { SponsorWatch } from './SponsorWatch';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });
const DAY = 86_400_000;
const NOON = Date.UTC(2026, 10, 20, 12);
const DESK = 'agent:default/desk';

describe.each(databases.eachSupportedId())('sponsors on %s', databaseId => {
  async function watch() {
    const knex = await databases.init(databaseId);
    await knex.migrate.latest({ directory: MIGRATIONS_DIRECTORY });
    let entities: Entity[] = [];
    let away = false;
    const catalog = new Proxy(catalogServiceMock(), {
      get: (_target, name) => {
        if (away) {
          throw new Error('connect ECONNREFUSED');
        }
        const now = catalogServiceMock({ entities });
        const method = now[name as keyof typeof now];
        return typeof method === 'function' ? method.bind(now) : method;
      },
    });
    const send = jest.fn(async (_sent: unknown) => {});
    const logger = mockServices.logger.mock();
    const auth = mockServices.auth();
    const states = new StateStore(knex);
    const records = new AgentRecords({
      auth,
      catalog,
      states,
      grants: new GrantStore(knex),
      sponsorGraceDays: 7,
    });
    const notices = new OwnerNotices({ logger, notifications: { send } });
    const sponsors = new SponsorWatch({
      auth,
      auditor: mockServices.auditor.mock({
        createEvent: async () => ({
          success: async () => {},
          fail: async () => {},
        }),
      }),
      catalog,
      logger,
      notices,
      records,
      states,
    });
    return {
      knex,
      records,
      notices,
      logger,
      look: async (day: number, now: Entity[] | 'away') => {
        away = now === 'away';
        entities = now === 'away' ? [] : now;
        await sponsors.look(NOON + day * DAY);
      },
      state: async (day: number, ref = DESK) => {
        const at = NOON + day * DAY;
        const found = await records.read([ref], at);
        return records.standingOf(found.get(ref)!, at);
      },
      told: () =>
        send.mock.calls.map(
          ([sent]) => (sent as { payload: { title: string } }).payload.title,
        ),
      send,
    };
  }

  const desk = agent('desk', { sponsor: 'ada' });
  const [ada, leo] = [person('ada'), person('leo')];

  it('orphans an agent whose sponsor has left, tells its owner, and stops it after a week', async () => {
    const { look, state, told, send } = await watch();
    await look(0, [desk, ada, leo]);
    await look(1, [desk, leo]);
    await look(2, [desk, leo]);
    expect(told()).toEqual(['The desk has lost its sponsor']);
    expect(send).toHaveBeenCalledWith({
      recipients: { type: 'entity', entityRef: 'group:default/care' },
      payload: expect.objectContaining({
        link: '/catalog/default/agent/desk',
        description: expect.stringContaining('it stops on 2026-11-28'),
      }),
    });
    expect(await state(7.9)).toMatchObject({ state: 'active' });
    expect(await state(8)).toMatchObject({ state: 'orphaned', allowed: false });
    await look(8, [desk, leo]);
    await look(9, [desk, leo]);
    expect(told()).toEqual([
      'The desk has lost its sponsor',
      'The desk was stopped',
    ]);
  });

  it('forgets it when the same person is back, but not for a name that somebody wrote', async () => {
    const { look, state } = await watch();
    await look(0, [desk, ada, leo]);
    await look(1, [desk, leo]);
    const renamed = agent('desk', { sponsor: 'leo' });
    await look(2, [renamed, leo]);
    expect(await state(9)).toMatchObject({ state: 'orphaned' });
    await look(10, [desk, ada, leo]);
    expect(await state(10)).toMatchObject({ state: 'active' });
  });

  it('takes nobody for gone who was never there', async () => {
    const { look, state, told } = await watch();
    await look(0, [desk, leo]);
    await look(9, [desk, leo]);
    expect(told()).toEqual([]);
    expect(await state(20)).toMatchObject({ state: 'active' });
  });

  it('believes no catalog that is away, empty, or has lost most people at once', async () => {
    const { look, told, logger } = await watch();
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const agents = names.map(name => agent(`of-${name}`, { sponsor: name }));
    const people = names.map(name => person(name));
    await look(0, [...agents, ...people, leo]);
    await expect(look(1, 'away')).rejects.toThrow('ECONNREFUSED');
    await look(1, []);
    await look(1, agents);
    await look(1, [...agents, people[0], leo]);
    expect(told()).toEqual([]);
    expect(logger.warn).toHaveBeenCalledWith(
      expect.stringContaining('too many to believe'),
    );
    await look(2, [...agents, ...people.slice(1)]);
    expect(told()).toEqual(['The of-a has lost its sponsor']);
  });

  it('believes that many have left when they left one after the other', async () => {
    const { look, told, logger, state } = await watch();
    const names = ['a', 'b', 'c', 'd', 'e'];
    const agents = names.map(name => agent(`of-${name}`, { sponsor: name }));
    for (let day = 0; day <= names.length; day += 1) {
      await look(day, [
        ...agents,
        ...names.slice(day).map(name => person(name)),
        leo,
      ]);
    }
    expect(told()).toEqual(
      names.map(name => `The of-${name} has lost its sponsor`),
    );
    expect(await state(13, 'agent:default/of-e')).toMatchObject({
      state: 'orphaned',
    });
    expect(logger.warn).not.toHaveBeenCalledWith(
      expect.stringContaining('too many to believe'),
    );
  });

  it('tells owners once of credentials that expire soon, and deletes what is long over', async () => {
    const { knex, look, records, notices, told } = await watch();
    await look(0, [desk, ada]);
    const credential = (expiresIn: number, more: object = {}) => ({
      id: randomUUID(),
      agent_ref: DESK,
      kind: 'secret',
      title: 'CI',
      created_by: 'user:default/ada',
      created_at: NOON,
      expires_at: NOON + expiresIn * DAY,
      ...more,
    });
    await knex('agent_credentials').insert([
      credential(10),
      credential(60),
      credential(10, { revoked_at: NOON }),
    ]);
    const remind = () =>
      remindOfExpiry({
        store: new CredentialStore(knex),
        records,
        notices,
        remindMs: 14 * DAY,
        now: NOON,
      });
    await remind();
    await remind();
    expect(told()).toEqual(['A credential of The desk expires soon']);

    const id = randomUUID();
    await knex('agent_delegations').insert({
      id,
      agent_ref: DESK,
      started_by: 'user:default/ada',
      task_id: 'run',
      root_id: id,
      depth: 0,
      ancestors: '[]',
      created_at: NOON,
      expires_at: NOON + DAY,
      ended_at: NOON,
    });
    await knex('agent_revoked_tokens').insert({ jti: 'x', expires_at: NOON });
    const left = async (day: number) => {
      await new RetentionStore(knex).clean(
        {
          approvalsMs: 365 * DAY,
          delegationsMs: 30 * DAY,
          credentialsMs: 365 * DAY,
          grantsMs: 365 * DAY,
        },
        new AbortController().signal,
        NOON + day * DAY,
      );
      const counts = await Promise.all(
        ['agent_delegations', 'agent_revoked_tokens', 'agent_credentials'].map(
          async table => (await knex(table)).length,
        ),
      );
      return counts;
    };
    expect(await left(0)).toEqual([1, 1, 3]);
    expect(await left(30.5)).toEqual([0, 0, 3]);
    expect(await left(376)).toEqual([0, 0, 1]);
  });
});
