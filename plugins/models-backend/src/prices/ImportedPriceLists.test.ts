import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PriceBook } from '@agentportal/model-gateway';
import { mockServices } from '@backstage/backend-test-utils';
import { MeteredProvider } from '../__testUtils__/MeteredProvider';
import { databases } from '../__testUtils__/startModels';
import { DatabaseCallLedger } from '../ledger/DatabaseCallLedger';
import { ImportedPriceLists } from './ImportedPriceLists';
import type { PriceListConfig } from './priceConfig';

jest.setTimeout(60_000);

const { signal } = new AbortController();
const list = (input: number) =>
  JSON.stringify({
    'a/b': { input_cost_per_token: input, output_cost_per_token: 1e-6 },
    broken: { input_cost_per_token: -1 },
  });

describe('imported price lists', () => {
  let folder: string;
  let server: MeteredProvider;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'prices-'));
    server = await MeteredProvider.create();
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  const setUp = async (lists: PriceListConfig[]) => {
    const knex = await databases.init('SQLITE_3');
    await DatabaseCallLedger.create(
      mockServices.database.mock({
        getClient: async () => knex,
        migrations: {},
      }),
    );
    const logger = mockServices.logger.mock();
    const priceBook = new PriceBook({ clock: { now: () => Date.now() } });
    const imported = new ImportedPriceLists({
      lists,
      db: knex,
      priceBook,
      logger,
    });
    const input = () =>
      priceBook.priceOf({ id: 'a/b', modelId: 'b' })?.input.nanoUsdPerMillion;
    return { imported, input, logger };
  };

  it('reads a file again when it has changed, and keeps the old when it is bad', async () => {
    const path = join(folder, 'prices.json');
    await writeFile(path, list(1e-6));
    const { imported, input, logger } = await setUp([
      { type: 'litellm', path, refreshHours: 24 },
    ]);
    await imported.load();
    expect(input()).toBe(1_000_000_000);
    expect(logger.info).toHaveBeenCalledWith(
      expect.stringContaining('Imported the prices of 1 models'),
      { skippedEntries: 1, entriesNotPricedByTokens: 0 },
    );

    await writeFile(path, '{ "half": ');
    await utimes(path, new Date(), new Date(Date.now() + 5_000));
    await imported.refresh(signal);
    await imported.refresh(signal);
    expect(input()).toBe(1_000_000_000);
    expect(logger.warn).toHaveBeenCalledTimes(1);
    expect(logger.warn).toHaveBeenCalledWith(
      expect.stringContaining('Its last prices stay in use'),
    );

    await writeFile(path, list(2e-6));
    await utimes(path, new Date(), new Date(Date.now() + 9_000));
    await imported.refresh(signal);
    expect(input()).toBe(2_000_000_000);
  });

  it('says that a file is missing, and does without', async () => {
    const { imported, input, logger } = await setUp([
      { type: 'litellm', path: join(folder, 'none.json'), refreshHours: 24 },
    ]);
    await imported.load();
    expect(input()).toBeUndefined();
    expect(logger.warn).toHaveBeenCalledWith(
      expect.stringContaining('None of its prices are in use'),
    );
  });

  it('asks an address when it is due and never logs what its query holds', async () => {
    server.priceList = list(3e-6);
    const { imported, input, logger } = await setUp([
      {
        type: 'litellm',
        url: `${server.url}/prices.json?token=secret`,
        refreshHours: 24,
      },
    ]);
    await imported.load();
    expect(input()).toBeUndefined();
    await imported.refresh(signal);
    await imported.refresh(signal);
    expect(input()).toBe(3_000_000_000);
    expect(server.priceListRequests).toBe(1);
    expect(JSON.stringify(logger.info.mock.calls)).not.toContain('secret');
  });
});
