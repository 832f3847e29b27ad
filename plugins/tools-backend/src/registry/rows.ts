import type { RiskTier } from '@agentportal/plugin-agents-common';
import type { ServerRecord, ToolRecord } from './records';

type BigInt = number | string;

export interface ServerRow {
  ref: string;
  name: string;
  title: string;
  url: string;
  owner_ref: string;
  status: string;
  era: string | null;
  // PostgreSQL gives 64-bit integers back as text.
  last_seen_at: BigInt | null;
  down_since: BigInt | null;
  error: string | null;
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
  status: string;
  hash: string;
  last_seen_at: BigInt;
  last_changed_at: BigInt;
}

export function toServerRow(server: ServerRecord): ServerRow {
  return {
    ref: server.ref,
    name: server.name,
    title: server.title,
    url: server.url,
    owner_ref: server.ownerRef,
    status: server.status,
    era: server.era ?? null,
    last_seen_at: server.lastSeenAt ?? null,
    down_since: server.downSince ?? null,
    error: server.error ?? null,
  };
}

export function fromServerRow(row: ServerRow): ServerRecord {
  return {
    ref: row.ref,
    name: row.name,
    title: row.title,
    url: row.url,
    ownerRef: row.owner_ref,
    status: row.status as ServerRecord['status'],
    era: row.era ?? undefined,
    lastSeenAt: optionalNumber(row.last_seen_at),
    downSince: optionalNumber(row.down_since),
    error: row.error ?? undefined,
  };
}

export function toToolRow(tool: ToolRecord): ToolRow {
  return {
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
    status: tool.status,
    hash: tool.hash,
    last_seen_at: tool.lastSeenAt,
    last_changed_at: tool.lastChangedAt,
  };
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
    status: row.status as ToolRecord['status'],
    hash: row.hash,
    lastSeenAt: Number(row.last_seen_at),
    lastChangedAt: Number(row.last_changed_at),
  };
}

function optionalNumber(value: BigInt | null): number | undefined {
  return value === null ? undefined : Number(value);
}
