import { ComplexityRater } from '@agentportal/model-gateway';
import { ModelsClient } from '@agentportal/plugin-models-common';
import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { FakeProvider } from '../__testUtils__/FakeProvider';
import {
  databases,
  route,
  startModels,
  TRUSTED,
} from '../__testUtils__/startModels';
import { CalibrationStore } from './CalibrationStore';
import { Calibrator } from './Calibrator';
import { OutcomeStore } from './OutcomeStore';

jest.setTimeout(120_000);

const EASY = 'Where is order A-1?';
const HARD =
  'Prove that no schedule of the seven drivers is shorter, and derive the bound step by step.';

const entities = [
  route(
    'by-difficulty',
    [
      { model: 'fake/good', tier: 'simple' },
      { model: 'fake/odd-usage', tier: 'reasoning' },
    ],
    { strategy: 'complexity', sticky: false },
  ),
  {
    apiVersion: 'agentportal.dev/v1alpha1',
    kind: 'Agent',
    metadata: { name: 'clerk', namespace: 'default', annotations: TRUSTED },
    spec: {
      type: 'assistant',
      lifecycle: 'production',
      autonomy: 'supervised',
      owner: 'group:default/care',
      model: 'model:default/by-difficulty',
    },
    relations: [{ type: 'ownedBy', targetRef: 'group:default/care' }],
  },
];

const DANA = 'user:default/dana';
const ELI = 'user:default/eli';
const dana = mockCredentials.user.token(DANA);

/** Only the mock user may read the costs. */
const permissions = mockServices.permissions.mock({
  authorizeConditional: async (requests, { credentials }: any) =>
    requests.map(({ permission }) => ({
      result:
        permission.name === 'models.cost.read' &&
        credentials.principal.userEntityRef === DANA
          ? AuthorizeResult.DENY
          : AuthorizeResult.ALLOW,
    })) as any,
});

/** Eli is of the group that owns the agent. */
const userInfo = mockServices.userInfo.mock({
  getUserInfo: async ({ principal }: any) => ({
    userEntityRef: principal.userEntityRef,
    ownershipEntityRefs: [
      principal.userEntityRef,
      ...(principal.userEntityRef === ELI ? ['group:default/care'] : []),
    ],
  }),
});

describe.each(databases.eachSupportedId())('outcomes on %s', databaseId => {
  let fake: FakeProvider;
  let models: Awaited<ReturnType<typeof startModels>>;
  const client = new ModelsClient({
    discoveryApi: { getBaseUrl: async () => models.url },
  });

  beforeAll(async () => {
    fake = await FakeProvider.create();
    models = await startModels({
      fake,
      databaseId,
      entities,
      features: [permissions.factory, userInfo.factory],
    });
  });

  afterAll(async () => {
    await models?.stop();
    await fake.close();
  });

  async function ask(model: string, content: string, agent?: string) {
    const response = await fetch(`${models.url}/openai/v1/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${
          agent ? await models.tokenOfRun(agent, DANA) : dana
        }`,
      },
      body: JSON.stringify({ model, messages: [{ role: 'user', content }] }),
    });
    return {
      callId: response.headers.get('x-agent-portal-call-id')!,
      model: response.headers.get('x-agent-portal-model'),
      reason: decodeURIComponent(
        response.headers.get('x-agent-portal-route-reason') ?? '',
      ),
    };
  }

  it('are told by whoever made the call, and the last one holds', async () => {
    const { callId, model } = await ask(
      'by-difficulty',
      EASY,
      'agent:default/clerk',
    );
    expect(model).toBe('fake/good');
    for (const succeeded of [true, false]) {
      expect(
        await client.recordOutcome(
          callId,
          { succeeded, score: 0.25 },
          { token: dana },
        ),
      ).toMatchObject({ callId, succeeded, usedForRouting: true });
    }
    const rows = await models
      .knex('model_complexity_outcomes')
      .where({ call_id: callId });
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      tenant: 'group:default/care',
      tier: 0,
      grade: 250,
    });
    expect(Boolean(rows[0].succeeded)).toBe(false);
    expect(rows[0].complexity).toBeLessThan(170);
  });

  it('are told by members of the group that owns the agent, and by no other', async () => {
    const { callId } = await ask('by-difficulty', EASY, 'agent:default/clerk');
    const tell = (token: string) =>
      client.recordOutcome(callId, { succeeded: true }, { token });
    expect(await tell(mockCredentials.user.token(ELI))).toMatchObject({
      usedForRouting: true,
    });
    await expect(tell(mockCredentials.user.token())).rejects.toMatchObject({
      statusCode: 404,
    });
  });

  it('teach nothing where no route chose by complexity, and say so', async () => {
    const { callId } = await ask('fake/good', EASY);
    const told = await client.recordOutcome(
      callId,
      { succeeded: true },
      { token: dana },
    );
    expect(told.usedForRouting).toBe(false);
    expect(told.message).toContain('asked for by name');
  });

  it('are refused in words', async () => {
    const tell = async (callId: string, body: object, token = dana) => {
      const response = await fetch(`${models.url}/calls/${callId}/outcome`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify(body),
      });
      const { error } = await response.json();
      return [response.status, error?.message];
    };
    const reader = mockCredentials.user.token();
    expect(await tell('nowhere', { succeeded: true })).toEqual([
      404,
      expect.stringContaining('x-agent-portal-call-id'),
    ]);
    const { callId: failed } = await ask('fake/broken', EASY);
    expect(await tell(failed, { succeeded: false })).toEqual([
      409,
      expect.stringContaining('No model has answered'),
    ]);
    const { callId } = await ask('by-difficulty', EASY);
    // Who may read the costs may not move what others are served by.
    expect((await tell(callId, { succeeded: true }, reader))[0]).toBe(404);
    expect((await tell(callId, { succeeded: true }))[0]).toBe(200);
    expect((await tell(callId, { succeeded: 'yes' }))[0]).toBe(400);
    expect((await tell(callId, {}))[0]).toBe(400);
  });

  it('move the tiers of their owner and of nobody else', async () => {
    expect((await ask('by-difficulty', HARD)).model).toBe('fake/odd-usage');
    const outcomes = new OutcomeStore(models.knex);
    const now = Date.now();
    for (let i = 0; i < 60; i += 1) {
      await outcomes.put(
        {
          callId: `learned-${i}`,
          tenant: 'group:default/care',
          complexity: 20 + i * 2,
          tier: 'simple',
          succeeded: false,
        },
        now,
      );
    }
    const rater = new ComplexityRater();
    await new Calibrator({
      rater,
      outcomes,
      calibrations: new CalibrationStore(models.knex),
    }).calibrate(now);
    const { items, nextCursor } = await client.listCalibrations(
      { limit: 1 },
      { token: mockCredentials.user.token() },
    );
    expect(items).toEqual([
      expect.objectContaining({
        tenant: 'default',
        basis: expect.arrayContaining([
          { tier: 'simple', outcomes: 1, successes: 1, rule: 'default' },
        ]),
      }),
    ]);
    const rest = await client.listCalibrations(
      { limit: 1, cursor: nextCursor },
      { token: mockCredentials.user.token() },
    );
    expect(rest.nextCursor).toBeUndefined();
    expect(rest.items[0]).toMatchObject({ tenant: 'group:default/care' });
    expect(rest.items[0].basis[0].rule).toBe('lowered');
    expect(rest.items[0].thresholds.simple).toBeLessThan(0.05);

    // Another process learns it from the database.
    await models.stop();
    models = await startModels({
      fake,
      knex: models.knex,
      entities,
      features: [permissions.factory, userInfo.factory],
    });
    expect(
      (await ask('by-difficulty', EASY, 'agent:default/clerk')).model,
    ).toBe('fake/odd-usage');
    expect((await ask('by-difficulty', EASY)).model).toBe('fake/good');
  });

  it('are not shown to whoever may not read the costs', async () => {
    await expect(
      client.listCalibrations({}, { token: dana }),
    ).rejects.toMatchObject({ statusCode: 403 });
  });
});
