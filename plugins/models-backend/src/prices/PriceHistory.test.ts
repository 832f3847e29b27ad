import type { Price } from '@agentportal/model-gateway';
import { mockServices } from '@backstage/backend-test-utils';
import { databases } from '../__testUtils__/startModels';
import { DatabaseCallLedger } from '../ledger/DatabaseCallLedger';
import { PriceHistory } from './PriceHistory';

jest.setTimeout(60_000);

const price = (version: string, input = 1): Price => ({
  input: { nanoUsdPerMillion: input },
  output: { nanoUsdPerMillion: 2 },
  version,
});

describe.each(databases.eachSupportedId())('PriceHistory on %p', id => {
  const setUp = async () => {
    const knex = await databases.init(id);
    await DatabaseCallLedger.create(
      mockServices.database.mock({
        getClient: async () => knex,
        migrations: {},
      }),
    );
    const history = new PriceHistory(knex);
    const versions = async () =>
      (await history.versions('a/b', { limit: 10 })).items.map(
        ({ version, firstSeenAt, lastSeenAt }) => [
          version,
          firstSeenAt,
          lastSeenAt,
        ],
      );
    return { knex, history, versions };
  };

  it('writes when a price changes and not otherwise', async () => {
    const { knex, history, versions } = await setUp();
    let queries = 0;
    knex.on('query', () => {
      queries += 1;
    });
    expect(
      await history.observe([['a/b', price('list one')]], 1_000),
    ).toMatchObject([{ model: 'a/b', before: undefined }]);
    expect(queries).toBe(2);
    expect(await history.observe([['a/b', price('list one')]], 2_000)).toEqual(
      [],
    );
    expect(queries).toBe(3);
    // Another process, or the same after a start, knows what held before.
    expect(
      await new PriceHistory(knex).observe(
        [
          ['a/b', price('list two', 5)],
          ['a/c', price('list one')],
        ],
        3_000,
      ),
    ).toEqual([
      { model: 'a/b', before: 'list one', after: price('list two', 5) },
      { model: 'a/c', before: undefined, after: price('list one') },
    ]);
    expect(await versions()).toEqual([
      ['list two', 3_000, 3_001],
      ['list one', 1_000, 3_000],
    ]);
    const { items } = await history.versions('a/b', { limit: 1 });
    expect(items[0].price).toEqual({
      input: { nanoUsdPerMillion: 5 },
      output: { nanoUsdPerMillion: 2 },
    });
  });

  it('keeps one row of a price that comes back every day', async () => {
    const { history, versions } = await setUp();
    for (let day = 0; day < 3; day += 1) {
      await history.observe([['a/b', price('peak')]], 10_000 * day + 1_000);
      await history.observe([['a/b', price('off-peak')]], 10_000 * day + 5_000);
    }
    expect(await versions()).toEqual([
      ['off-peak', 5_000, 25_001],
      ['peak', 1_000, 25_000],
    ]);
  });

  it('pages, the last price that held first', async () => {
    const { history } = await setUp();
    for (let n = 1; n <= 5; n += 1) {
      await history.observe([['a/b', price(`v${n}`)]], n * 1_000);
    }
    const seen: string[] = [];
    let page = await history.versions('a/b', { limit: 2 });
    seen.push(...page.items.map(item => item.version));
    while (page.next) {
      page = await history.versions('a/b', { limit: 2, after: page.next });
      seen.push(...page.items.map(item => item.version));
    }
    expect(seen).toEqual(['v5', 'v4', 'v3', 'v2', 'v1']);
  });
});
