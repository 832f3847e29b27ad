import {
  AnthropicProvider,
  GeminiProvider,
  type Clock,
  OpenAiProvider,
  type Price,
  type ProviderSetup,
  type UpstreamTimeouts,
} from '@agentportal/model-gateway';
import { findProvider } from '@pydantic/genai-prices';
import { environmentProviders } from './environmentProviders';
import type { ModelsConfig, ProviderConfig } from './readModelsConfig';

const DEFAULT_BASE_URLS = {
  openai: 'https://api.openai.com/v1',
  anthropic: 'https://api.anthropic.com',
  gemini: 'https://generativelanguage.googleapis.com/v1beta',
};

/** Sets up what app-config and the environment name; app-config goes first. */
export function createProviders(
  config: ModelsConfig,
  env: Record<string, string | undefined>,
  clock: Clock,
): ProviderSetup[] {
  const firstByteMs = (config.limits.maxFirstByteSeconds ?? 120) * 1000;
  const timeouts: UpstreamTimeouts = {
    connectMs: 10_000,
    firstByteMs,
    idleMs: firstByteMs,
  };
  const configured = new Set(config.providers.map(provider => provider.id));
  const found = environmentProviders(env, config).filter(
    provider => !configured.has(provider.id),
  );
  const all: ProviderConfig[] = [...config.providers, ...found];
  return all.map(provider => ({
    provider: createProvider(provider, timeouts, clock),
    models: provider.models,
    optional: provider.optional,
  }));
}

function createProvider(
  config: ProviderConfig,
  timeouts: UpstreamTimeouts,
  clock: Clock,
) {
  const { id, apiKey, headers, keyHeader, priceList, type } = config;
  const baseUrl = config.baseUrl ?? DEFAULT_BASE_URLS[type];
  if (type !== 'openai') {
    const Native = type === 'gemini' ? GeminiProvider : AnthropicProvider;
    return new Native({
      id,
      baseUrl,
      apiKey,
      headers,
      timeouts,
      clock,
    });
  }
  return new OpenAiProvider({
    id,
    baseUrl,
    apiKey,
    headers,
    keyHeader,
    responses:
      config.responses ?? new URL(baseUrl).hostname === 'api.openai.com',
    timeouts,
    publisher: priceList ?? findProvider({ providerApiUrl: baseUrl })?.id,
  });
}

/** The operator's own prices, by gateway id. */
export function configuredPrices(config: ModelsConfig): Map<string, Price> {
  return new Map(
    config.prices.map(({ model, ...price }) => [
      model,
      toPrice(price, 'app-config'),
    ]),
  );
}

/**
 * A flat price as people write it. The numbers are a part of the version, so a
 * ledger row tells by which numbers it was priced even after they have changed.
 */
export function toPrice(
  flat: {
    inputNanoUsdPerMillionTokens: number;
    outputNanoUsdPerMillionTokens: number;
    cacheReadNanoUsdPerMillionTokens?: number;
    cacheWriteNanoUsdPerMillionTokens?: number;
  },
  source: string,
): Price {
  const rate = (nanoUsdPerMillion: number) => ({ nanoUsdPerMillion });
  const {
    inputNanoUsdPerMillionTokens: input,
    outputNanoUsdPerMillionTokens: output,
    cacheReadNanoUsdPerMillionTokens: read,
    cacheWriteNanoUsdPerMillionTokens: write,
  } = flat;
  return {
    input: rate(input),
    output: rate(output),
    ...(read !== undefined && { cacheRead: rate(read) }),
    ...(write !== undefined && { cacheWrite: rate(write) }),
    version: [source, input, output, read ?? '-', write ?? '-'].join(' '),
  };
}
