import type { ProviderConfig } from './readModelsConfig';

type Environment = Record<string, string | undefined>;

/** Environment variables that hold a key, and the provider that each is for. */
const KEYED: Array<
  ProviderConfig & { baseUrl: string; key: string; baseUrlFrom?: string }
> = [
  {
    key: 'OPENAI_API_KEY',
    baseUrlFrom: 'OPENAI_BASE_URL',
    id: 'openai',
    type: 'openai',
    baseUrl: 'https://api.openai.com/v1',
    priceList: 'openai',
  },
  {
    key: 'ANTHROPIC_API_KEY',
    baseUrlFrom: 'ANTHROPIC_BASE_URL',
    id: 'anthropic',
    type: 'anthropic',
    baseUrl: 'https://api.anthropic.com',
  },
  {
    key: 'GEMINI_API_KEY',
    id: 'gemini',
    type: 'openai',
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai',
    priceList: 'google',
  },
  {
    key: 'DEEPSEEK_API_KEY',
    id: 'deepseek',
    type: 'openai',
    baseUrl: 'https://api.deepseek.com/v1',
    priceList: 'deepseek',
  },
  {
    key: 'DASHSCOPE_API_KEY',
    baseUrlFrom: 'DASHSCOPE_BASE_URL',
    id: 'qwen',
    type: 'openai',
    baseUrl: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
  },
];

const OLLAMA_URL = 'http://127.0.0.1:11434/v1';

/**
 * The providers that the usual environment variables name, and an Ollama on this
 * host if one is found.
 */
export function environmentProviders(
  env: Environment,
  options: { detectOllama: boolean },
): ProviderConfig[] {
  const found: ProviderConfig[] = KEYED.flatMap(
    ({ key, baseUrlFrom, ...provider }) => {
      const apiKey = env[key];
      return apiKey
        ? {
            ...provider,
            apiKey,
            baseUrl: (baseUrlFrom && env[baseUrlFrom]) || provider.baseUrl,
          }
        : [];
    },
  );
  if (env.AZURE_OPENAI_API_KEY && env.AZURE_OPENAI_ENDPOINT) {
    const deployment =
      env.AZURE_OPENAI_DEPLOYMENT ?? env.AZURE_OPENAI_DEPLOYMENT_NAME;
    found.push({
      id: 'azure',
      type: 'openai',
      baseUrl: `${env.AZURE_OPENAI_ENDPOINT.replace(/\/+$/, '')}/openai/v1`,
      apiKey: env.AZURE_OPENAI_API_KEY,
      keyHeader: 'api-key',
      priceList: 'azure',
      ...(deployment && { models: [deployment] }),
    });
  }
  if (options.detectOllama) {
    found.push({
      id: 'ollama',
      type: 'openai',
      baseUrl: OLLAMA_URL,
      free: true,
      optional: true,
    });
  }
  return found;
}
