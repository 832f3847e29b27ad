import { readMilliseconds } from '@agentportal/plugin-agents-node';
import type { Config } from '@backstage/config';
import { DEFAULT_NAMESPACE, parseEntityRef } from '@backstage/catalog-model';
import { InputError } from '@backstage/errors';
import {
  DATA_CLASSIFICATIONS,
  type DataClassification,
  RISK_TIERS,
  type RiskTier,
} from '@agentportal/plugin-agents-common';
import { z } from 'zod/v4';
import {
  CHANGE_SEVERITIES,
  type ChangeSeverity,
} from '../changes/compareTools';

/** What the operator says about one server. */
export interface ServerSettings {
  /** Where the server is, whatever its entity says. */
  url?: string;
  /** The only hosts where it may be, and where its headers are sent to. */
  hosts?: string[];
  /** Secret headers. */
  headers: Record<string, string>;
  /** The server's hints about its own tools count. */
  verified: boolean;
  /** Risk tiers by the names of tools at the server. */
  riskTiers: Map<string, RiskTier>;
  /** Of what its tools give, unless a trusted Tool entity says otherwise. */
  dataClassification?: DataClassification;
}

/** Settings of the tools backend; durations in milliseconds, sizes in bytes. */
export interface ToolsConfig {
  refreshIntervalMs: number;
  allowedHosts: string[];
  /** Whether hosts with public addresses may be called without being listed. */
  publicHosts: boolean;
  /** Backstage actions that agents may use although they change something. */
  agentActions: string[];
  connectTimeoutMs: number;
  discoveryTimeoutMs: number;
  callTimeoutMs: number;
  responseBytes: number;
  resultBytes: number;
  toolBytes: number;
  toolsPerServer: number;
  callRetentionMs: number;
  /** The least of what servers change that is held until somebody releases it. */
  holdChangesFrom: ChangeSeverity;
  /** How long it is kept what agents called tools with; 0 for not at all. */
  argumentRetentionMs: number;
  /** By the entity ref of the API. */
  settingsOf(serverRef: string): ServerSettings;
}

const DAY_MS = 24 * 3600 * 1000;
const NONE: ServerSettings = {
  headers: {},
  verified: false,
  riskTiers: new Map(),
};

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

const serverSchema = z
  .strictObject({
    // Backstage's own actions are named as the catalog names them.
    url: z
      .union([
        z.url({ protocol: /^https?$/ }),
        z.templateLiteral(['plugin://mcp-actions/', z.string()]),
      ])
      .optional(),
    hosts: z.array(z.string()).nonempty().optional(),
    headers: z.record(z.string(), z.string()).default({}),
    trust: z.enum(['declared', 'verified']).default('declared'),
    riskTiers: z
      .record(z.string(), z.enum(RISK_TIERS as [RiskTier, ...RiskTier[]]))
      .default({}),
    dataClassification: z
      .enum(
        DATA_CLASSIFICATIONS as [DataClassification, ...DataClassification[]],
      )
      .optional(),
  })
  .refine(
    server =>
      server.url ||
      server.hosts ||
      (Object.keys(server.headers).length === 0 &&
        Object.keys(server.riskTiers).length === 0 &&
        !server.dataClassification &&
        server.trust !== 'verified'),
    'give url or hosts beside headers, trust, riskTiers and dataClassification, so that they hold for no other server when the entity changes',
  );

// Read as one value, because the name of an entity may hold dots.
const serversSchema = z.record(z.string(), serverSchema);

/** Reads `tools` from app-config and fills in what is not set. */
export function readToolsConfig(root: Config): ToolsConfig {
  const config = root.getOptionalConfig('tools');
  const duration = (key: string, defaultMs: number) =>
    readMilliseconds(config, key, defaultMs);
  const servers = readServers(config?.getOptional('servers') ?? {});
  return {
    refreshIntervalMs: duration('refreshInterval', 30_000),
    allowedHosts: config?.getOptionalStringArray('allowedHosts') ?? [],
    publicHosts: config?.getOptionalBoolean('publicHosts') ?? true,
    agentActions: config?.getOptionalStringArray('agentActions') ?? [],
    connectTimeoutMs: duration('timeouts.connect', 5_000),
    discoveryTimeoutMs: duration('timeouts.discovery', 15_000),
    callTimeoutMs: duration('timeouts.call', 60_000),
    ...parse(limitsSchema, 'tools.limits', config?.getOptional('limits') ?? {}),
    argumentRetentionMs: duration('argumentRetention', 30 * DAY_MS),
    callRetentionMs: duration('callRetention', 90 * DAY_MS),
    holdChangesFrom: parse(
      z.enum(CHANGE_SEVERITIES).default('suspicious'),
      'tools.holdChangesFrom',
      config?.getOptional('holdChangesFrom'),
    ),
    settingsOf: ref => servers.get(keyOf(ref)) ?? NONE,
  };
}

function readServers(value: unknown): Map<string, ServerSettings> {
  return new Map(
    Object.entries(parse(serversSchema, 'tools.servers', value)).map(
      ([name, { trust, riskTiers, ...server }]) => [
        // Entity refs are in lower case.
        name.toLocaleLowerCase('en-US'),
        {
          ...server,
          verified: trust === 'verified',
          riskTiers: new Map(Object.entries(riskTiers)),
        },
      ],
    ),
  );
}

/** `orders`, or `claims/orders` outside of the default namespace. */
function keyOf(serverRef: string): string {
  const { namespace, name } = parseEntityRef(serverRef);
  return namespace === DEFAULT_NAMESPACE ? name : `${namespace}/${name}`;
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
