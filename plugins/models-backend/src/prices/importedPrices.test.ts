import type { Knex } from 'knex';
import {
  createMetered,
  startMetered,
  until,
} from '../__testUtils__/startMetered';
import { databases } from '../__testUtils__/startModels';

jest.setTimeout(120_000);

type Running = Awaited<ReturnType<typeof startMetered>>;

describe('prices from a list', () => {
  let providers: Awaited<ReturnType<typeof createMetered>>;
  let metered: (typeof providers)['metered'];
  let models: Running['models'];
  let ask: Running['ask'];

  const start = async (config?: object, knex?: Knex) => {
    ({ models, ask } = await startMetered(providers, config, knex));
  };

  beforeEach(async () => {
    providers = await createMetered();
    metered = providers.metered;
  });
  afterEach(async () => {
    await models?.stop();
    await providers.close();
  });

  describe.each(databases.eachSupportedId())('on %p', databaseId => {
    it('imports a list, and has it after a restart without the network', async () => {
      const knex = await databases.init(databaseId);
      const list = (usd: string) =>
        `{"metered/mystery":{"litellm_provider":"openai","mode":"chat",
          "max_input_tokens":4242,
          "input_cost_per_token":${usd},"output_cost_per_token":1e-06},
          "bad":{"input_cost_per_token":-1}}`;
      metered.priceList = list('2.5e-07');
      metered.meter = {
        openai: {
          usage: {
            prompt_tokens: 100,
            completion_tokens: 10,
            total_tokens: 110,
          },
        },
      };
      const config = {
        priceLists: [{ type: 'litellm', url: `${metered.url}/prices.json` }],
      };
      await start(config, knex);
      const summary = async () =>
        (await models.get('/models/metered%2Fmystery')).body;
      await until(async () => (await summary()).price !== null);
      expect(await summary()).toMatchObject({
        contextWindow: 4_242,
        price: { inputNanoUsdPerMillionTokens: 250_000_000 },
        priceVersion: expect.stringMatching(/^litellm [0-9a-f]{8}$/),
      });
      const first = await ask('metered/mystery');
      expect(first.call.costNanoUsd).toBe(100 * 250 + 10 * 1_000);
      const explained = await models.get('/models/metered%2Fmystery/prices');
      expect(explained.body).toMatchObject({
        current: { version: first.call.priceVersion },
        items: [{ version: first.call.priceVersion, current: true }],
      });
      await models.stop();

      metered.priceList = undefined;
      await start(config, knex);
      expect((await ask('metered/mystery')).call).toMatchObject({
        costNanoUsd: first.call.costNanoUsd,
        priceVersion: first.call.priceVersion,
      });
      await models.stop();

      // The operator's own price goes before, and the history keeps both.
      await start(
        {
          ...config,
          prices: [
            {
              model: 'metered/mystery',
              inputNanoUsdPerMillionTokens: 1_000_000_000,
              outputNanoUsdPerMillionTokens: 2_000_000_000,
              serviceTiers: { flex: { percentOfStandard: 50 } },
              longContext: [
                {
                  aboveInputTokens: 99,
                  inputNanoUsdPerMillionTokens: 3_000_000_000,
                },
              ],
            },
          ],
        },
        knex,
      );
      const second = await ask('metered/mystery');
      expect(second.call.costNanoUsd).toBe(100 * 3_000 + 10 * 2_000);
      const { body } = await models.get(
        '/models/metered%2Fmystery/prices?limit=1',
      );
      expect(body.items).toHaveLength(1);
      expect(body.items[0]).toMatchObject({
        version: second.call.priceVersion,
        current: true,
        price: {
          rates: [
            { part: 'input', nanoUsdPerMillionTokens: 1_000_000_000 },
            {
              part: 'input',
              aboveInputTokens: 99,
              nanoUsdPerMillionTokens: 3_000_000_000,
            },
            { part: 'output', nanoUsdPerMillionTokens: 2_000_000_000 },
          ],
          multipliers: [{ serviceTier: 'flex', perMille: 500 }],
        },
      });
      const older = await models.get(
        `/models/metered%2Fmystery/prices?limit=1&cursor=${body.nextCursor}`,
      );
      expect(older.body.items).toMatchObject([
        { version: first.call.priceVersion, current: false },
      ]);
      expect(older.body.items[0].lastSeenAt).toBeTruthy();
      expect(older.body.nextCursor).toBeUndefined();
    });
  });
});
