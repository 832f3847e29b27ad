import { ConfigReader } from '@backstage/config';
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
});
