import { type Config, readDurationFromConfig } from '@backstage/config';
import { durationToMilliseconds } from '@backstage/types';

/**
 * A duration of app-config, as `2h`, `PT2H` or `{ hours: 2 }`, in milliseconds.
 *
 * @param config - the part of app-config that has the key; absent as a whole is absent
 * @param defaultMs - what holds where the key is not set
 * @throws InputError when what is set is no duration
 * @public
 */
export function readMilliseconds(
  config: Config | undefined,
  key: string,
  defaultMs: number,
): number {
  return config?.has(key)
    ? durationToMilliseconds(readDurationFromConfig(config, { key }))
    : defaultMs;
}
