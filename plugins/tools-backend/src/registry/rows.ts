import type {
  DataClassification,
  RiskTier,
} from '@agentportal/plugin-agents-common';
import type { ServerRecord, ToolRecord } from './records';

type BigInt = number | string;

export interface ServerRow {
  ref: string;
  name: string;
  title: string;
  url: string;
  owner_ref: string;
  status: string;
  is_backstage_actions: boolean | number;
  is_verified: boolean | number;
  era: string | null;
  // PostgreSQL gives 64-bit integers back as text.
  last_seen_at: BigInt | null;
  failures: number;
  down_since: BigInt | null;
  absent_since: BigInt | null;
  retry_at: BigInt | null;
  error: string | null;
  tools_revision: BigInt;
}

export interface ToolRow {
  name: string;
  ref: string;
  server_ref: string;
  tool_name: string;
  title: string;
  description: string;
  input_schema: string;
  output_schema: string | null;
  annotations: string | null;
  owner_ref: string;
  risk_tier: string;
  hinted_tier: string;
  data_classification: string | null;
  invalid_reason: string | null;
  invalid_until: BigInt | null;
  hash: string;
  said: string | null;
  held_change: string | null;
  last_changed_at: BigInt;
}

/** Without what the store itself counts. */
export function toServerRow(
  server: ServerRecord,
): Omit<ServerRow, 'tools_revision'> {
  return storable({
    ref: server.ref,
    name: server.name,
    title: server.title,
    url: server.url,
    owner_ref: server.ownerRef,
    status: server.status,
    is_backstage_actions: server.isBackstageActions,
    is_verified: server.isVerified,
    era: server.era ?? null,
    last_seen_at: server.lastSeenAt ?? null,
    failures: server.failures,
    down_since: server.downSince ?? null,
    absent_since: server.absentSince ?? null,
    retry_at: server.retryAt ?? null,
    error: server.error ?? null,
  });
}

export function fromServerRow(row: ServerRow): ServerRecord {
  return {
    ref: row.ref,
    name: row.name,
    title: row.title,
    url: row.url,
    ownerRef: row.owner_ref,
    status: row.status as ServerRecord['status'],
    isBackstageActions: Boolean(row.is_backstage_actions),
    isVerified: Boolean(row.is_verified),
    era: row.era ?? undefined,
    lastSeenAt: optionalNumber(row.last_seen_at),
    failures: row.failures,
    downSince: optionalNumber(row.down_since),
    absentSince: optionalNumber(row.absent_since),
    retryAt: optionalNumber(row.retry_at),
    toolsRevision: Number(row.tools_revision),
    error: row.error ?? undefined,
  };
}

export function toToolRow(tool: ToolRecord): ToolRow {
  return storable({
    name: tool.name,
    ref: tool.ref,
    server_ref: tool.serverRef,
    tool_name: tool.toolName,
    title: tool.title,
    description: tool.description,
    input_schema: JSON.stringify(tool.inputSchema),
    output_schema: tool.outputSchema ? JSON.stringify(tool.outputSchema) : null,
    annotations: tool.annotations ? JSON.stringify(tool.annotations) : null,
    owner_ref: tool.ownerRef,
    risk_tier: tool.riskTier,
    hinted_tier: tool.hintedTier,
    data_classification: tool.dataClassification ?? null,
    invalid_reason: tool.invalidReason ?? null,
    invalid_until: tool.invalidUntil ?? null,
    hash: tool.hash,
    said: tool.said ? JSON.stringify(tool.said) : null,
    held_change: tool.heldChange ?? null,
    last_changed_at: tool.lastChangedAt,
  });
}

export function fromToolRow(row: ToolRow): ToolRecord {
  return {
    name: row.name,
    ref: row.ref,
    serverRef: row.server_ref,
    toolName: row.tool_name,
    title: row.title,
    description: row.description,
    inputSchema: JSON.parse(row.input_schema),
    outputSchema: row.output_schema ? JSON.parse(row.output_schema) : undefined,
    annotations: row.annotations ? JSON.parse(row.annotations) : undefined,
    ownerRef: row.owner_ref,
    riskTier: row.risk_tier as RiskTier,
    hintedTier: row.hinted_tier as RiskTier,
    dataClassification:
      (row.data_classification as DataClassification | null) ?? undefined,
    invalidReason: row.invalid_reason ?? undefined,
    invalidUntil: optionalNumber(row.invalid_until),
    hash: row.hash,
    said: row.said ? JSON.parse(row.said) : undefined,
    heldChange: row.held_change ?? undefined,
    lastChangedAt: Number(row.last_changed_at),
  };
}

function optionalNumber(value: BigInt | null): number | undefined {
  return value === null ? undefined : Number(value);
}

/** PostgreSQL stores no NUL in a text, and servers send what they like. */
function storable<T extends object>(row: T): T {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      typeof value === 'string' ? value.replaceAll('\u0000', '') : value,
    ]),
  ) as T;
}
