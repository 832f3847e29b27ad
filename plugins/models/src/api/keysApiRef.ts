import type {
  KeysClient,
  RateLimitsClient,
} from '@agentportal/plugin-models-common';
import { createApiRef } from '@backstage/frontend-plugin-api';

/**
 * The keys of programs, as the signed-in person.
 *
 * @public
 */
export const keysApiRef = createApiRef<
  Pick<KeysClient, keyof KeysClient>
>().with({ id: 'plugin.models.keys', pluginId: 'models' });

/**
 * Limits on how fast models are called, as the signed-in person.
 *
 * @public
 */
export const rateLimitsApiRef = createApiRef<
  Pick<RateLimitsClient, keyof RateLimitsClient>
>().with({ id: 'plugin.models.rate-limits', pluginId: 'models' });
