import { DataPolicy } from '@agentportal/model-gateway';
import { allProviders } from './createProviders';
import type { ModelsConfig, ProviderConfig } from './readModelsConfig';

const LOCAL = 'local';
const THIS_MACHINE = new Set(['localhost', '127.0.0.1', '[::1]']);

/** The rules on where data may be sent, and where each provider is. */
export function createDataPolicy(
  config: ModelsConfig,
  env: Record<string, string | undefined>,
): DataPolicy {
  const regions = new Map([['builtin', LOCAL]]);
  for (const provider of allProviders(config, env)) {
    const region = provider.region ?? regionOf(provider);
    if (region) {
      regions.set(provider.id, region);
    }
  }
  return new DataPolicy({ rules: config.dataPolicy, regions });
}

/** Only of this machine is it known where it is. */
function regionOf({ baseUrl }: ProviderConfig): string | undefined {
  return baseUrl && THIS_MACHINE.has(new URL(baseUrl).hostname)
    ? LOCAL
    : undefined;
}
