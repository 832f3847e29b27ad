import OpenAI from 'openai';
import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { CatalogTrust } from '@agentportal/plugin-agents-node';
import { ModelsClient } from '@agentportal/plugin-models-common';
import { lastCall } from '../__testUtils__/calls';
import { FakeProvider } from '../__testUtils__/FakeProvider';
import { RouteOwners } from './RouteOwners';
import { RouteStore } from './RouteStore';
import {
  databases,
  ENTITIES,
  startModels,
  TRUSTED,
} from '../__testUtils__/startModels';

jest.setTimeout(120_000);

const messages = [{ role: 'user' as const, content: 'Hello' }];

/** The sentence with which the server refused. */
async function refusalOf(request: Promise<unknown>): Promise<string> {
  const error = await request.then(
    () => new Error('It was not refused.'),
    caught => caught,
  );
  return error.body?.error.message ?? String(error);
}

const yamlOf = (name: string, candidates: string[], rest = '') => `
apiVersion: agentportal.dev/v1alpha1
kind: Model
metadata:
  name: ${name}
spec:
  type: route
  lifecycle: production
  owner: group:default/care
${rest}  candidates: [${candidates.join(', ')}]
`;

describe.each(databases.eachSupportedId())(
  'the API of routes on %s',
  databaseId => {
    let fake: FakeProvider;
    let models: Awaited<ReturnType<typeof startModels>>;
    let routes: ModelsClient;
    let openai: OpenAI;
    const options = { token: mockCredentials.user.token() };
    const permissions = mockServices.permissions.mock();

    beforeEach(async () => {
      permissions.authorizeConditional.mockImplementation(async requests =>
        requests.map(() => ({ result: AuthorizeResult.ALLOW })),
      );
      permissions.authorize.mockImplementation(async requests =>
        requests.map(() => ({ result: AuthorizeResult.ALLOW })),
      );
      fake = await FakeProvider.create();
      models = await startModels({
        fake,
        databaseId,
        features: [permissions.factory],
      });
      routes = new ModelsClient({
        discoveryApi: { getBaseUrl: async () => models.url },
      });
      openai = new OpenAI({
        baseURL: `${models.url}/openai/v1`,
        apiKey: options.token,
        maxRetries: 0,
      });
    });

    afterEach(async () => {
      await models?.stop();
      await fake?.close();
    });

    const servedBy = async (model: string) => {
      const { response } = await openai.chat.completions
        .create({ model, messages })
        .withResponse();
      await lastCall(models, response.headers.get('x-agent-portal-call-id'));
      return response.headers.get('x-agent-portal-model');
    };

    it('lists routes in pages with what they choose from', async () => {
      const first = await routes.listRoutes({ limit: 2 }, options);
      expect(first.items.map(route => route.name)).toEqual([
        'balanced',
        'keyless',
      ]);
      expect(first.items[1]).toMatchObject({
        strategy: 'priority',
        source: 'catalog',
        inCatalog: true,
        ownerRef: 'group:default/care',
        mayEdit: true,
        candidates: [
          { id: 'openai/gpt-5.1', available: false },
          { id: 'builtin/extractive', available: true },
        ],
      });
      const second = await routes.listRoutes(
        { limit: 2, cursor: first.nextCursor },
        options,
      );
      expect(second.items.map(route => route.name)).toEqual(['unlucky']);
      expect(second.nextCursor).toBeUndefined();
    });

    it('routes calls by what was saved, and by the catalog again after it is taken back', async () => {
      expect(await servedBy('balanced')).toBe('fake/good');
      const yaml = yamlOf('balanced', ['builtin/extractive']);
      const saved = await routes.saveRoute('balanced', yaml, options);
      expect(saved).toMatchObject({
        source: 'portal',
        yaml,
        saved: { by: 'user:default/mock' },
        candidates: [{ id: 'builtin/extractive' }],
      });
      expect(saved.catalogYaml).toContain('fake/broken');
      expect(await servedBy('balanced')).toBe('builtin/extractive');

      await routes.revertRoute('balanced', options);
      expect(await servedBy('balanced')).toBe('fake/good');
      const { items } = await routes.getRouteHistory('balanced', {}, options);
      expect(items).toMatchObject([
        { action: 'reverted', by: 'user:default/mock' },
        { action: 'saved', yaml },
      ]);
    });

    it('serves a route that is only in the portal', async () => {
      await routes.saveRoute('mine', yamlOf('mine', ['fake/good']), options);
      expect(await servedBy('mine')).toBe('fake/good');
      expect(await routes.getRoute('mine', options)).toMatchObject({
        inCatalog: false,
        source: 'portal',
      });
    });

    it('refuses in words what cannot hold', async () => {
      expect(
        await refusalOf(
          routes.saveRoute('balanced', yamlOf('other', ['fake/good']), options),
        ),
      ).toMatch(/keeps its name/);
      expect(
        await refusalOf(routes.saveRoute('balanced', 'kind: [', options)),
      ).toMatch(/not YAML/);
      expect(await refusalOf(routes.revertRoute('balanced', options))).toMatch(
        /nothing to take back/,
      );
      expect(await refusalOf(routes.getRoute('nowhere', options))).toMatch(
        /no route nowhere/,
      );
    });

    it('lets nobody change a route of others, nor take one over', async () => {
      permissions.authorizeConditional.mockImplementation(async requests =>
        requests.map(({ permission }) =>
          permission.name === 'models.route.write'
            ? {
                result: AuthorizeResult.CONDITIONAL,
                pluginId: 'models',
                resourceType: 'models-route',
                conditions: {
                  rule: 'IS_ROUTE_OWNER',
                  resourceType: 'models-route',
                  params: { claims: ['group:default/finance'] },
                },
              }
            : { result: AuthorizeResult.ALLOW },
        ),
      );
      const foreign = yamlOf('balanced', ['fake/good']);
      const taken = foreign.replace('default/care', 'default/finance');
      for (const yaml of [foreign, taken]) {
        expect(
          await refusalOf(routes.saveRoute('balanced', yaml, options)),
        ).toMatch(/may not change the route/);
      }
      const { mayEdit } = await routes.getRoute('balanced', options);
      expect(mayEdit).toBe(false);
      // One of their own they may.
      await routes.saveRoute(
        'theirs',
        yamlOf('theirs', ['fake/good']).replace('care', 'finance'),
        options,
      );
      expect(
        await refusalOf(
          routes.saveRoute('theirs', yamlOf('theirs', ['fake/good']), options),
        ),
      ).toMatch(/may not change the route/);
    });

    it('lets nobody lead a route to a model that they may not use', async () => {
      permissions.authorizeConditional.mockImplementation(async requests =>
        requests.map(({ permission }) =>
          permission.name === 'models.model.use'
            ? {
                result: AuthorizeResult.CONDITIONAL,
                pluginId: 'models',
                resourceType: 'models-model',
                conditions: {
                  rule: 'HAS_PROVIDER',
                  resourceType: 'models-model',
                  params: { providers: ['fake'] },
                },
              }
            : { result: AuthorizeResult.ALLOW },
        ),
      );
      const save = (...candidates: string[]) =>
        refusalOf(
          routes.saveRoute('mine', yamlOf('mine', candidates), options),
        );
      for (const added of ['builtin/extractive', 'fake/not-there-yet']) {
        expect(await save('fake/good', added)).toMatch(
          `You may not use ${added} yourself`,
        );
      }
      expect(await save('fake/good')).toMatch('It was not refused');
      expect(await save('fake/good', 'builtin/extractive')).toMatch(
        'may not use',
      );
    });

    it('takes no name that something else answers to', async () => {
      for (const name of ['fake.good', 'builtin.extractive']) {
        expect(
          await refusalOf(
            routes.saveRoute(name, yamlOf(name, ['fake/good']), options),
          ),
        ).toMatch(/give the route another name/);
      }
      await routes.saveRoute('mine', yamlOf('mine', ['fake/good']), options);
      expect(
        await refusalOf(
          routes.saveRoute('Mine', yamlOf('Mine', ['fake/good']), options),
        ),
      ).toMatch(/model:default\/mine is mine already/);
    });

    it('tells nothing of routes and calls to whoever may not see them', async () => {
      const yaml = yamlOf('balanced', ['fake/good']);
      await routes.saveRoute('balanced', yaml, options);
      permissions.authorizeConditional.mockImplementation(async requests =>
        requests.map(({ permission }) => ({
          result:
            permission.name === 'models.cost.read'
              ? AuthorizeResult.DENY
              : AuthorizeResult.ALLOW,
        })),
      );
      expect(await refusalOf(routes.previewRoute({ yaml }, options))).toMatch(
        /models\.cost\.read/,
      );
      permissions.authorizeConditional.mockImplementation(async requests =>
        requests.map(() => ({ result: AuthorizeResult.DENY })),
      );
      expect((await routes.listRoutes({}, options)).items).toEqual([]);
      for (const ask of [
        () => routes.getRoute('balanced', options),
        () => routes.getRouteHistory('balanced', {}, options),
        () => routes.previewRoute({ yaml }, options),
        () => routes.revertRoute('balanced', options),
      ]) {
        expect(await refusalOf(ask())).toMatch(/no route balanced/);
      }
    });

    it('finds the owners of a page of routes with one question each', async () => {
      await routes.saveRoute(
        'unlucky',
        yamlOf('unlucky', ['fake/good']).replace('care', 'finance'),
        options,
      );
      // As an older version may have taken it.
      await models.knex('model_route_edits').insert({
        name: 'keyless',
        yaml: 'kind: Model',
        saved_at: 1,
        saved_by: 'user:default/mock',
      });
      const reads: string[] = [];
      models.knex.on('query', ({ sql }: { sql: string }) => {
        if (sql.startsWith('select') && sql.includes('model_route_edits')) {
          reads.push(sql);
        }
      });
      const store = new RouteStore(models.knex);
      const catalog = catalogServiceMock({ entities: ENTITIES });
      const byRefs = jest.spyOn(catalog, 'getEntitiesByRefs');
      const byRef = jest.spyOn(catalog, 'getEntityByRef');
      const owners = new RouteOwners({
        store,
        catalog,
        auth: mockServices.auth(),
        trust: CatalogTrust.fromConfig(
          mockServices.rootConfig({
            data: { agents: { trustedLocations: Object.values(TRUSTED) } },
          }),
        ),
      });
      const names = ['balanced', 'keyless', 'unlucky', 'nowhere'];
      expect(
        await owners.ofAll(
          names.map(name => ({ name, ref: `model:default/${name}` })),
          await store.byNames(names),
        ),
      ).toEqual(
        new Map([
          ['unlucky', ['group:default/finance']],
          ['balanced', ['group:default/care']],
          ['keyless', ['group:default/care']],
        ]),
      );
      expect(reads).toHaveLength(1);
      expect(byRefs).toHaveBeenCalledTimes(1);
      expect(byRef).not.toHaveBeenCalled();
      const { items } = await routes.listRoutes({}, options);
      expect(items.map(({ name, ownerRef }) => [name, ownerRef])).toEqual([
        ['balanced', 'group:default/care'],
        ['keyless', 'group:default/care'],
        ['unlucky', 'group:default/finance'],
      ]);
    });

    it('tells what would have happened to the calls of last week', async () => {
      for (let i = 0; i < 3; i += 1) {
        expect(await servedBy('balanced')).toBe('fake/good');
      }
      const { body } = await models.get('/costs?groupBy=model');
      const spent = body.totals.costNanoUsd;
      expect(spent).toBeGreaterThan(0);

      const same = await routes.previewRoute(
        { yaml: yamlOf('balanced', ['fake/good']) },
        options,
      );
      expect(same).toMatchObject({
        basis: 'route',
        calls: 3,
        considered: 3,
        moved: 0,
        before: { costNanoUsd: spent },
        after: { costNanoUsd: spent },
      });

      const free = await routes.previewRoute(
        { yaml: yamlOf('balanced', ['builtin/extractive']) },
        options,
      );
      expect(free).toMatchObject({
        moved: 3,
        unserved: 0,
        after: { costNanoUsd: 0 },
        models: [
          { model: 'builtin/extractive', before: 0, after: 3 },
          { model: 'fake/good', before: 3, after: 0 },
        ],
      });

      const picky = await routes.previewRoute(
        {
          yaml: `${yamlOf('balanced', []).replace(
            '  candidates: []\n',
            '  candidates:\n    - model: fake/good\n      when: { needs: [vision] }\n',
          )}`,
        },
        options,
      );
      expect(picky).toMatchObject({ unserved: 3 });
      expect(picky.unservedReason).toContain('images');

      const unknown = await routes.previewRoute(
        { yaml: yamlOf('brand-new', ['fake/good']) },
        options,
      );
      expect(unknown).toMatchObject({ basis: 'all', calls: 3 });
    });

    it('previews by where the data of a call may be sent', async () => {
      await models.stop();
      models = await startModels({
        fake,
        databaseId,
        features: [permissions.factory],
        models: {
          dataPolicy: [{ classification: 'confidential', regions: ['eu'] }],
          providers: [
            {
              id: 'fake',
              type: 'openai',
              baseUrl: `${fake.url}/v1`,
              apiKey: 'sk-test-secret',
              region: 'eu',
            },
            {
              id: 'claude',
              type: 'anthropic',
              baseUrl: `${fake.url}/anthropic`,
              apiKey: 'sk-ant-secret',
              region: 'us',
            },
          ],
        },
      });
      openai = new OpenAI({
        baseURL: `${models.url}/openai/v1`,
        apiKey: options.token,
        maxRetries: 0,
      });
      await servedBy('balanced');
      await models.knex('model_calls').update({ classification: 2 });
      const preview = async (candidates: string[]) =>
        routes.previewRoute({ yaml: yamlOf('balanced', candidates) }, options);
      const refused = await preview(['claude/claude-fake']);
      expect(refused).toMatchObject({ calls: 1, unserved: 1 });
      expect(refused.unservedReason).toBe(
        'claude/claude-fake: This call carries confidential data, which may be sent only to eu; claude is in us.',
      );
      expect(await preview(['claude/claude-fake', 'fake/good'])).toMatchObject({
        unserved: 0,
        models: [{ model: 'fake/good', before: 1, after: 1 }],
      });
    });
  },
);
