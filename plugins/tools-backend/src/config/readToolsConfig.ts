import { readDurationFromConfig, type Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { durationToMilliseconds } from '@backstage/types';
import { z } from 'zod/v4';

/** Settings of the tools backend; durations in milliseconds, sizes in bytes. */
export interface ToolsConfig {
  refreshIntervalMs: number;
  allowedHosts?: string[];
  connectTimeoutMs: number;
  discoveryTimeoutMs: number;
  callTimeoutMs: number;
  responseBytes: number;
  resultBytes: number;
  toolBytes: number;
  toolsPerServer: number;
  callRetentionMs: number;
  /** Secret headers by server name. */
  headers: Map<string, Record<string, string>>;
}

const DAY_MS = 24 * 3600 * 1000;

const limitsSchema = z.strictObject({
  responseBytes: z
    .int()
    .positive()
    .default(4 * 1024 * 1024),
  resultBytes: z
    .int()
    .min(1024)
    .default(256 * 1024),
  toolBytes: z
    .int()
    .positive()
    .default(64 * 1024),
  toolsPerServer: z.int().positive().default(500),
});

// Read as one value, because the name of an entity may hold dots.
const serversSchema = z.record(
  z.string(),
  z.strictObject({
    headers: z.record(z.string(), z.string()).optional(),
  }),
);

/** Reads `tools` from app-config and fills in what is not set. */
export function readToolsConfig(root: Config): ToolsConfig {
  const config = root.getOptionalConfig('tools');
  const duration = (key: string, defaultMs: number) =>
    config?.has(key)
      ? durationToMilliseconds(readDurationFromConfig(config, { key }))
      : defaultMs;
  return {
    refreshIntervalMs: duration('refreshInterval', 30_000),
    allowedHosts: config?.getOptionalStringArray('allowedHosts'),
    connectTimeoutMs: duration('timeouts.connect', 5_000),
    discoveryTimeoutMs: duration('timeouts.discovery', 15_000),
    callTimeoutMs: duration('timeouts.call', 60_000),
    ...parse(limitsSchema, 'tools.limits', config?.getOptional('limits') ?? {}),
    callRetentionMs: duration('callRetention', 90 * DAY_MS),
    headers: new Map(
      Object.entries(
        parse(
          serversSchema,
          'tools.servers',
          config?.getOptional('servers') ?? {},
        ),
      ).map(([name, server]) => [
        // Entity refs are in lower case.
        name.toLocaleLowerCase('en-US'),
        server.headers ?? {},
      ]),
    ),
  };
}

function parse<T extends z.ZodType>(
  schema: T,
  key: string,
  value: unknown,
): z.output<T> {
  const result = schema.safeParse(value);
  if (!result.success) {
    // Only paths and types: the values may be secrets.
    throw new InputError(
      `Correct ${key} in app-config: ${z.prettifyError(result.error)}`,
    );
  }
  return result.data;
}
