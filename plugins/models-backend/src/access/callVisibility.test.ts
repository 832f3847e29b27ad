import {
  mockCredentials,
  mockServices,
  type TestDatabaseId,
} from '@backstage/backend-test-utils';
import {
  AuthorizeResult,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import { FakeProvider } from '../__testUtils__/FakeProvider';
import { databases, startModels } from '../__testUtils__/startModels';

jest.setTimeout(120_000);

const GUEST = 'user:default/guest';
const ELIN = 'user:default/elin';
const PRIYA = 'user:default/priya';

/** As the policy of the portal has it. */
function decide(userRef: string): PolicyDecision {
  const resourceType = 'models-call';
  const own = {
    rule: 'IS_CALL_USER',
    resourceType,
    params: { userRef },
  };
  const ofGroups = {
    rule: 'IS_CALL_OWNER',
    resourceType,
    params: { claims: [userRef, 'group:default/care'] },
  };
  return userRef === PRIYA
    ? { result: AuthorizeResult.ALLOW }
    : {
        result: AuthorizeResult.CONDITIONAL,
        pluginId: 'models',
        resourceType,
        conditions: { anyOf: userRef === ELIN ? [own, ofGroups] : [own] },
      };
}

const permissions = mockServices.permissions.mock({
  authorizeConditional: async (requests, { credentials }: any) =>
    requests.map(({ permission }) =>
      permission.name === 'models.cost.read'
        ? decide(credentials.principal.userEntityRef)
        : { result: AuthorizeResult.ALLOW },
    ) as any,
  authorize: async requests =>
    requests.map(() => ({ result: AuthorizeResult.ALLOW })) as any,
});

/** All of them are in the group that owns the agent; the guest may be, too. */
const userInfo = mockServices.userInfo.mock({
  getUserInfo: async ({ principal }: any) => ({
    userEntityRef: principal.userEntityRef,
    ownershipEntityRefs: [principal.userEntityRef, 'group:default/care'],
  }),
});

describe.each(databases.eachSupportedId())(
  'what people see of the calls of others on %p',
  (databaseId: TestDatabaseId) => {
    let fake: FakeProvider;
    let models: Awaited<ReturnType<typeof startModels>>;
    let callOfAgent: string;

    beforeAll(async () => {
      fake = await FakeProvider.create();
      models = await startModels({
        fake,
        databaseId,
        features: [permissions.factory, userInfo.factory],
      });
      await call(GUEST);
      await call('user:default/dario');
      callOfAgent = await callWith(
        await models.tokenOfRun(
          'agent:default/order-help',
          'user:default/dario',
        ),
      );
    });

    afterAll(async () => {
      await models?.stop();
      await fake?.close();
    });

    function call(userRef: string) {
      return callWith(mockCredentials.user.token(userRef));
    }

    async function callWith(token: string) {
      const response = await fetch(`${models.url}/openai/v1/chat/completions`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({
          model: 'fake/good',
          messages: [{ role: 'user', content: 'Hello' }],
        }),
      });
      expect(response.status).toBe(200);
      await response.text();
      return response.headers.get('x-agent-portal-call-id')!;
    }

    const get = (path: string, userRef: string) =>
      models.get(path, mockCredentials.user.token(userRef));

    it('lists the calls of a guest to the guest, and no other', async () => {
      const { body } = await get('/calls', GUEST);
      expect(body.visible).toBe('own');
      expect(body.items.map((each: any) => each.userRef)).toEqual([GUEST]);
      const elin = await get('/calls', ELIN);
      // Of an agent of her group, without the person who asked it.
      expect(elin.body.items).toHaveLength(1);
      expect(elin.body.items[0]).toMatchObject({
        agentRef: 'agent:default/order-help',
      });
      expect(elin.body.items[0].userRef).toBeUndefined();
      const priya = await get('/calls', PRIYA);
      expect(priya.body).toMatchObject({ visible: 'all' });
      expect(priya.body.items).toHaveLength(3);
    });

    it('sums only what the caller may see', async () => {
      const callsOf = async (path: string, userRef: string) => {
        const { body } = await get(path, userRef);
        return [body.visible, body.totals.calls, body.items.length];
      };
      expect(await callsOf('/costs?groupBy=model', GUEST)).toEqual([
        'own',
        1,
        1,
      ]);
      expect(await callsOf('/costs?groupBy=owner', ELIN)).toEqual([
        'own',
        1,
        1,
      ]);
      expect(await callsOf('/costs?groupBy=model', PRIYA)).toEqual([
        'all',
        3,
        1,
      ]);
      const forecast = async (userRef: string) =>
        (await get('/costs/forecast', userRef)).body;
      expect((await forecast(GUEST)).monthToDateNanoUsd).toBeLessThan(
        (await forecast(PRIYA)).monthToDateNanoUsd,
      );
      const usage = async (userRef: string) =>
        (await get('/models/fake%2Fgood', userRef)).body.usage30d.calls;
      expect([
        await usage(GUEST),
        await usage(ELIN),
        await usage(PRIYA),
      ]).toEqual([1, 1, 3]);
    });

    it('tells costs by person only to those who may see all, and of oneself', async () => {
      const keysOf = async (userRef: string) => {
        const { body } = await get('/costs?groupBy=user', userRef);
        return body.items.map(({ key }: any) => key).sort();
      };
      expect(await keysOf(GUEST)).toEqual([GUEST]);
      expect(await keysOf(ELIN)).toEqual([]);
      expect(await keysOf(PRIYA)).toEqual(['user:default/dario', GUEST]);
      const asked = `/costs?groupBy=day&userRef=user:default/dario`;
      expect((await get(asked, ELIN)).status).toBe(403);
      expect((await get(asked, PRIYA)).status).toBe(200);
      const csv = await fetch(`${models.url}/costs/focus.csv`, {
        headers: {
          authorization: `Bearer ${mockCredentials.user.token(ELIN)}`,
        },
      });
      const text = await csv.text();
      expect(text).toContain('order-help');
      expect(text).not.toContain('dario');
    });

    it('shows guests no answers and no thresholds of others', async () => {
      const shown = async (path: string, userRef: string) =>
        (await get(path, userRef)).body.items.length;
      await models.knex('model_complexity_calibrations').insert({
        tenant: 'group:default/care',
        thresholds: '[0.1,0.2,0.3]',
        basis: '[]',
        calibrated_at: Date.now(),
      });
      await models.knex('model_cache_entries').insert(
        ['agent:default/order-help', null].map((agent_ref, at) => ({
          id: `entry-${at}`,
          partition: 'p',
          question: `q${at}`,
          answer: Buffer.from('x'),
          model: 'fake/good',
          cost_nano_usd: 1,
          input_tokens: 1,
          output_tokens: 1,
          bytes: 1,
          created_at: Date.now(),
          expires_at: Date.now() + 60_000,
          last_used_at: Date.now(),
          agent_ref,
          user_ref: 'user:default/dario',
        })),
      );
      for (const [path, guest, elin, priya] of [
        ['/complexity/calibrations', 0, 1, 1],
        ['/cache', 0, 1, 2],
      ] as const) {
        expect([path, await shown(path, GUEST)]).toEqual([path, guest]);
        expect([path, await shown(path, ELIN)]).toEqual([path, elin]);
        expect([path, await shown(path, PRIYA)]).toEqual([path, priya]);
      }
    });

    it('takes no outcome of a call that the caller may not see', async () => {
      const report = async (userRef: string) => {
        const response = await fetch(
          `${models.url}/calls/${callOfAgent}/outcome`,
          {
            method: 'POST',
            headers: {
              authorization: `Bearer ${mockCredentials.user.token(userRef)}`,
              'content-type': 'application/json',
            },
            body: JSON.stringify({ succeeded: false }),
          },
        );
        return response.status;
      };
      expect(await report(GUEST)).toBe(404);
      expect(await report('user:default/dario')).toBe(200);
    });

    it('answers what there is not with the envelope', async () => {
      for (const [path, method] of [
        ['/nowhere', 'GET'],
        ['/models', 'PATCH'],
        ['/budgets', 'DELETE'],
      ]) {
        const response = await fetch(`${models.url}${path}`, {
          method,
          headers: {
            authorization: `Bearer ${mockCredentials.user.token(PRIYA)}`,
          },
        });
        expect([path, response.status]).toEqual([path, 404]);
        expect((await response.json()).error.message).toContain('openapi.json');
      }
    });
  },
);
