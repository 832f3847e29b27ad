import { ModelDirectory, PriceBook } from '@agentportal/model-gateway';
import { CatalogTrust } from '@agentportal/plugin-agents-node';
import { modelRefOf } from '@agentportal/plugin-agents-common';
import { mockServices } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { databases, route, TRUSTED } from '../__testUtils__/startModels';
import { DeclaredModels } from './DeclaredModels';
import { RouteStore } from './RouteStore';

describe('what the catalog declares', () => {
  it('is read one after the other, and once more after a change meanwhile', async () => {
    const knex = await databases.init('SQLITE_3');
    await knex.schema.createTable('model_route_edits', table => {
      table.string('name');
    });
    const directory = new ModelDirectory({
      providers: [],
      clock: { now: Date.now } as any,
      logger: mockServices.logger.mock(),
      refOf: modelRefOf,
    });
    const catalog = catalogServiceMock();
    /** Each reading ends when the test says so, with what the catalog had at its start. */
    const readings: Array<() => void> = [];
    let current = 'old';
    catalog.streamEntities = async function* stream() {
      const page = [route(current, ['a/b'])];
      await new Promise<void>(resolve => readings.push(resolve));
      yield page;
    };
    const declared = new DeclaredModels({
      directory,
      priceBook: { setDeclared() {} } as unknown as PriceBook,
      catalog,
      auth: mockServices.auth(),
      trust: CatalogTrust.fromConfig(
        mockServices.rootConfig({
          data: { agents: { trustedLocations: Object.values(TRUSTED) } },
        }),
      ),
      routes: new RouteStore(knex),
      logger: mockServices.logger.mock(),
    });
    const until = async (count: number) => {
      while (readings.length < count) {
        await new Promise(resolve => setTimeout(resolve, 5));
      }
    };

    const done = [declared.refresh()];
    await until(1);
    current = 'new';
    done.push(declared.refresh(), declared.refresh());
    await new Promise(resolve => setTimeout(resolve, 50));
    expect(readings).toHaveLength(1);
    readings[0]();
    await until(2);
    readings[1]();
    await Promise.all(done);
    expect(directory.routes().map(({ name }) => name)).toEqual(['new']);
    expect(readings).toHaveLength(2);
  });
});
