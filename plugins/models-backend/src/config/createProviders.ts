import {
  AnthropicProvider,
  awsCredential,
  type Clock,
  type Credential,
  CredentialPool,
  entraCredential,
  GeminiProvider,
  googleCredential,
  keyCredential,
  keyHeaders,
  OpenAiProvider,
  type ProviderSetup,
  type UpstreamTimeouts,
} from '@agentportal/model-gateway';
import { findProvider } from '@pydantic/genai-prices';
import { environmentProviders } from './environmentProviders';
import type {
  CredentialConfig,
  ModelsConfig,
  ProviderConfig,
} from './readModelsConfig';

const DEFAULT_BASE_URLS = {
  openai: 'https://api.openai.com/v1',
  anthropic: 'https://api.anthropic.com',
  gemini: 'https://generativelanguage.googleapis.com/v1beta',
};

/** What app-config and the environment name; app-config goes first. */
export function allProviders(
  config: ModelsConfig,
  env: Record<string, string | undefined>,
): ProviderConfig[] {
  const configured = new Set(config.providers.map(provider => provider.id));
  const found = environmentProviders(env, config).filter(
    provider => !configured.has(provider.id),
  );
  return [...config.providers, ...found];
}

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
  return allProviders(config, env).map(provider => ({
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
  const credentials =
    config.credentials &&
    new CredentialPool({
      clock,
      credentials: config.credentials.map(each => ({
        ...each,
        credential: createCredential(each, config, clock),
      })),
    });
  if (type !== 'openai') {
    const Native = type === 'gemini' ? GeminiProvider : AnthropicProvider;
    return new Native({
      id,
      baseUrl,
      apiKey,
      credentials,
      headers,
      timeouts,
      clock,
    });
  }
  return new OpenAiProvider({
    id,
    baseUrl,
    apiKey,
    credentials,
    headers,
    keyHeader,
    responses:
      config.responses ?? new URL(baseUrl).hostname === 'api.openai.com',
    timeouts,
    publisher: priceList ?? findProvider({ providerApiUrl: baseUrl })?.id,
  });
}

function createCredential(
  { apiKey, aws, entra, google }: CredentialConfig,
  { keyHeader, type }: ProviderConfig,
  clock: Clock,
): Credential {
  if (entra) {
    return entraCredential(entra, clock);
  }
  if (google) {
    return googleCredential(google, clock);
  }
  if (aws) {
    return awsCredential(aws, clock);
  }
  return keyCredential(keyHeaders(type, apiKey, keyHeader));
}
