import { budgetWritePermission } from '@agentportal/plugin-models-common';
import { mockServices } from '@backstage/backend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  budgetConditions,
  createBudgetConditionalDecision,
} from '../access/rules';
import { FakeProvider } from '../__testUtils__/FakeProvider';
import { keyRequests } from '../__testUtils__/keyRequests';
import { databases, startModels } from '../__testUtils__/startModels';

jest.setTimeout(120_000);

describe.each(databases.eachSupportedId())('rate limits on %s', databaseId => {
  let fake: FakeProvider;
  let models: Awaited<ReturnType<typeof startModels>>;
  let requests: ReturnType<typeof keyRequests>;

  beforeAll(async () => {
    fake = await FakeProvider.create();
    models = await startModels({
      fake,
      databaseId,
      models: {
        rateLimits: [
          {
            scope: { type: 'owner', ref: 'care' },
            requestsPerMinute: 100,
            parallel: 3,
          },
        ],
      },
      features: [
        mockServices.permissions.mock({
          authorizeConditional: async queries =>
            queries.map(({ permission }) =>
              permission.name === budgetWritePermission.name
                ? createBudgetConditionalDecision(
                    budgetWritePermission,
                    budgetConditions.isBudgetScopeOwner({
                      claims: ['group:default/care'],
                    }),
                  )
                : { result: AuthorizeResult.ALLOW },
            ),
        }).factory,
      ],
    });
    requests = keyRequests(models.url);
  });

  afterAll(async () => {
    await models?.stop();
    await fake?.close();
  });

  it('has those of app-config, which only app-config changes', async () => {
    const { body } = await requests.send('GET', '/rate-limits');
    // Those that were made in the same millisecond come in any order.
    const limits = body.items.toSorted(
      (a: { limit: number }, b: { limit: number }) => b.limit - a.limit,
    );
    expect(limits).toEqual([
      expect.objectContaining({
        scope: { type: 'owner', ref: 'group:default/care' },
        measure: 'requests',
        limit: 100,
        source: 'config',
        createdBy: 'models.rateLimits[0]',
        editable: false,
        usage: { used: 0, left: 100 },
      }),
      expect.objectContaining({ measure: 'parallel', limit: 3 }),
    ]);
    const { id } = limits[0];
    const changed = await requests.send('PATCH', `/rate-limits/${id}`, {
      limit: 5,
    });
    expect(changed.status).toBe(403);
    expect(changed.body.error.message).toContain('app-config');
  });

  it('makes, changes and deletes those of the API', async () => {
    const made = await requests.send('POST', '/rate-limits', {
      scope: { type: 'agent', ref: 'order-help' },
      measure: 'tokens',
      limit: 1_000,
      burst: 5_000,
    });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      scope: { type: 'agent', ref: 'agent:default/order-help' },
      ownerRefs: ['group:default/care'],
      editable: true,
      limit: 1_000,
      burst: 5_000,
      usage: { used: 0, left: 5_000 },
    });
    const path = `/rate-limits/${made.body.id}`;
    const twice = await requests.send('POST', '/rate-limits', {
      scope: { type: 'agent', ref: 'order-help' },
      measure: 'tokens',
      limit: 1,
    });
    expect(twice.status).toBe(409);
    const changed = await requests.send('PATCH', path, { limit: 2_000 });
    expect(changed.body).toMatchObject({
      limit: 2_000,
      usage: { left: 2_000 },
    });
    expect(changed.body.burst).toBeUndefined();
    const found = await requests.send(
      'GET',
      '/rate-limits?scopeType=agent&scopeRef=agent:default/order-help',
    );
    expect(found.body.items).toHaveLength(1);
    expect((await requests.send('DELETE', path)).status).toBe(204);
    expect((await requests.send('DELETE', path)).status).toBe(404);
  });

  it('says what is wrong with a limit', async () => {
    const refused = async (limit: object) => {
      const { body, status } = await requests.send('POST', '/rate-limits', {
        scope: { type: 'owner', ref: 'care' },
        measure: 'parallel',
        limit: 1,
        ...limit,
      });
      return `${status} ${body.error?.message}`;
    };
    expect(await refused({ burst: 3 })).toMatch(/400 .*has no `burst`/);
    expect(await refused({ scope: { type: 'owner' } })).toMatch(
      /400 .*scope.ref/,
    );
    expect(await refused({ limit: -1 })).toMatch(/^400/);
    expect(await refused({ scope: { type: 'owner', ref: 'finance' } })).toMatch(
      /403 .*models.budget.write/,
    );
    expect(await refused({ scope: { type: 'organisation' } })).toMatch(/^403/);
  });

  it('limits a key from its first call on, and tells what is left', async () => {
    const { key, secret } = await requests.create({
      ownerRef: 'group:default/finance',
      rateLimits: { requestsPerMinute: 2 },
    });
    expect((await requests.chat(secret)).status).toBe(200);
    const { body } = await requests.send(
      'GET',
      `/rate-limits?scopeType=key&scopeRef=${key.id}`,
    );
    expect(body.items[0]).toMatchObject({
      ownerRefs: ['group:default/finance'],
      usage: { used: 1, left: 1 },
    });
    expect((await requests.chat(secret)).status).toBe(200);
    const refused = await requests.chat(secret);
    expect(refused.status).toBe(429);
    expect(refused.body.error.code).toBe('rate_limited');
  });
});
