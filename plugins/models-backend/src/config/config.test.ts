import { ConfigReader } from '@backstage/config';
import { configuredPrices } from '../prices/priceConfig';
import { createDataPolicy } from './createDataPolicy';
import { createProviders } from './createProviders';
import { environmentProviders } from './environmentProviders';
import { readModelsConfig } from './readModelsConfig';

const clock = { now: () => 0 };

describe('configuration of providers', () => {
  it('never repeats a key in an error', () => {
    const read = () =>
      readModelsConfig(
        new ConfigReader({
          models: {
            providers: [
              { id: 'Bad Id', type: 'openai', apiKey: 'sk-very-secret' },
            ],
          },
        }),
      );
    expect(read).toThrow('models.providers.0.id');
    expect(read).not.toThrow('sk-very-secret');
  });

  it('reads limits in dollars and in nano-USD into one field', () => {
    const day = { scope: { type: 'organisation' }, window: 'day' };
    const { budgets } = readModelsConfig(
      new ConfigReader({
        models: {
          budgets: [
            { ...day, limitUsd: '0.50' },
            { ...day, limitNanoUsd: 7 },
          ],
        },
      }),
    );
    expect(budgets).toEqual([
      { ...day, limitNanoUsd: 500_000_000 },
      { ...day, limitNanoUsd: 7 },
    ]);
  });

  it('reads prices with dates, tiers and long contexts, and says what is wrong with one', () => {
    const read = (price: object) =>
      readModelsConfig(
        new ConfigReader({
          models: {
            prices: [
              {
                model: 'a/b',
                inputNanoUsdPerMillionTokens: 2,
                outputNanoUsdPerMillionTokens: 4,
                ...price,
              },
            ],
          },
        }),
      );
    const { prices } = read({
      cacheWrite1hNanoUsdPerMillionTokens: 9,
      longContext: [
        { aboveInputTokens: 7, inputNanoUsdPerMillionTokens: 5 },
        { aboveInputTokens: 3, inputNanoUsdPerMillionTokens: 3 },
      ],
      serviceTiers: {
        priority: {
          percentOfStandard: 181.8,
          outputNanoUsdPerMillionTokens: 8,
        },
      },
      requestNanoUsd: 6,
      validFrom: '2026-12-01',
      validTo: '2026-12-02T01:00:00+01:00',
    });
    expect(configuredPrices(prices).get('a/b')).toEqual([
      {
        input: {
          nanoUsdPerMillion: 2,
          tiers: [
            { aboveInputTokens: 3, nanoUsdPerMillion: 3 },
            { aboveInputTokens: 7, nanoUsdPerMillion: 5 },
          ],
        },
        output: { nanoUsdPerMillion: 4 },
        cacheWrite1h: { nanoUsdPerMillion: 9 },
        serviceTiers: {
          priority: {
            perMille: 1_818,
            rates: { output: { nanoUsdPerMillion: 8 } },
          },
        },
        requestNanoUsd: 6,
        validFrom: Date.UTC(2026, 11, 1),
        validTo: Date.UTC(2026, 11, 2),
        version: expect.stringMatching(/^operator [0-9a-f]{8}$/),
      },
    ]);
    expect(() => read({ inputAudioNanoUsdPerMillionTokens: 0.5 })).toThrow(
      'models.prices.0.inputAudioNanoUsdPerMillionTokens',
    );
    expect(() =>
      read({ validFrom: '2026-12-02', validTo: '2026-12-01' }),
    ).toThrow('validTo must be after validFrom');
    expect(() =>
      readModelsConfig(
        new ConfigReader({ models: { priceLists: [{ type: 'litellm' }] } }),
      ),
    ).toThrow('models.priceLists.0: needs one of path and url');
  });

  it('takes one kind of each credential, and says what is wrong without it', () => {
    const read = (provider: object) =>
      readModelsConfig(
        new ConfigReader({
          models: { providers: [{ id: 'a', type: 'openai', ...provider }] },
        }),
      );
    const entra = { tenantId: 't', clientId: 'c', clientSecret: 'very secret' };
    const credentials = [{ apiKey: 'sk-1', weight: 2 }, { entra }];
    expect(read({ credentials }).providers[0].credentials).toEqual(credentials);
    for (const [provider, problem] of [
      [{ credentials: [{ apiKey: 'very secret', entra }] }, 'needs one of'],
      [{ credentials: [{ weight: 1 }] }, 'needs one of'],
      [{ credentials, apiKey: 'very secret' }, 'not both'],
      [{ credentials: [{ apiKey: 'very secret', weight: 0 }] }, 'weight'],
      [
        {
          credentials: [
            { google: { clientEmail: 'a', privateKey: 'very secret' } },
          ],
        },
        'private key in PEM',
      ],
    ] as const) {
      expect(() => read(provider)).toThrow(problem);
      expect(() => read(provider)).not.toThrow('very secret');
    }
  });

  it('refuses two providers of one id', () => {
    const provider = { id: 'a', type: 'openai' };
    expect(() =>
      readModelsConfig(
        new ConfigReader({ models: { providers: [provider, provider] } }),
      ),
    ).toThrow('two entries with the id a');
  });

  it('finds providers by the usual environment variables', () => {
    const found = environmentProviders(
      {
        OPENAI_API_KEY: 'k',
        OPENAI_BASE_URL: 'http://proxy/v1',
        ANTHROPIC_API_KEY: 'k',
        GEMINI_API_KEY: 'k',
        DEEPSEEK_API_KEY: '',
        AZURE_OPENAI_API_KEY: 'k',
        AZURE_OPENAI_ENDPOINT: 'https://acme.openai.azure.com/',
        AZURE_OPENAI_DEPLOYMENT: 'gpt-4o',
      },
      { detectOllama: true },
    );
    expect(found).toMatchObject([
      { id: 'openai', baseUrl: 'http://proxy/v1' },
      { id: 'anthropic', type: 'anthropic' },
      { id: 'gemini' },
      {
        id: 'azure',
        baseUrl: 'https://acme.openai.azure.com/openai/v1',
        keyHeader: 'api-key',
        models: ['gpt-4o'],
      },
      { id: 'ollama', optional: true },
    ]);
  });

  it('lets app-config go before the environment', async () => {
    const config = readModelsConfig(
      new ConfigReader({
        models: {
          detectOllama: false,
          providers: [
            {
              id: 'openai',
              type: 'openai',
              baseUrl: 'https://user:pw@llm.acme.com/v1?key=secret',
            },
          ],
        },
      }),
    );
    const setups = createProviders(config, { OPENAI_API_KEY: 'k' }, clock);
    expect(setups.map(({ provider }) => provider.baseUrl)).toEqual([
      'https://llm.acme.com/v1',
    ]);
    await Promise.all(setups.map(({ provider }) => provider.close()));
  });

  it('knows which providers are on this machine, and believes the operator', () => {
    const policy = createDataPolicy(
      readModelsConfig(
        new ConfigReader({
          models: {
            providers: [
              { id: 'far', type: 'openai' },
              { id: 'told', type: 'anthropic', region: 'eu' },
              {
                id: 'vllm',
                type: 'openai',
                baseUrl: 'http://localhost:8000/v1',
              },
            ],
            dataPolicy: [
              { classification: 'confidential', regions: ['eu', 'local'] },
            ],
          },
        }),
      ),
      {},
    );
    const refused = ['builtin', 'ollama', 'vllm', 'told', 'far'].filter(
      provider =>
        policy.refusal({
          provider,
          dataClassification: 'confidential',
          account: {},
        }),
    );
    expect(refused).toEqual(['far']);
  });
});
