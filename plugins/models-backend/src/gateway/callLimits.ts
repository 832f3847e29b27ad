import { DEFAULT_LIMITS, type GatewayLimits } from '@agentportal/model-gateway';
import type { ModelsConfig } from '../config/readModelsConfig';

/** How large a call may be and how long it may take. */
export function callLimits(config: ModelsConfig['limits']): GatewayLimits {
  return {
    ...DEFAULT_LIMITS,
    ...(config.maxRequestBytes && { maxRequestBytes: config.maxRequestBytes }),
    ...(config.maxCallSeconds && {
      callTimeoutMs: config.maxCallSeconds * 1000,
    }),
    ...(config.readOnSeconds !== undefined && {
      readOnMs: config.readOnSeconds * 1000,
    }),
    outputCap: config.maxOutputTokens,
  };
}
