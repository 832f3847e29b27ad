import type { RiskTier, ToolEntity } from '@agentportal/plugin-agents-common';

/** An MCP server as the catalog names it. */
export interface ServerEntry {
  /** Entity ref of the API. */
  ref: string;
  /** First part of the names of its tools. */
  name: string;
  title: string;
  /** Empty when the entity has none that the gateway can speak to. */
  url: string;
  ownerRef: string;
  /** Why it cannot be visited at all, in a sentence. */
  problem?: string;
}

/** An MCP server and what the last visit found; times in ms UTC. */
export interface ServerRecord {
  ref: string;
  name: string;
  title: string;
  url: string;
  ownerRef: string;
  status: 'up' | 'down' | 'unknown';
  /** MCP revision that was negotiated. */
  era?: string;
  lastSeenAt?: number;
  downSince?: number;
  error?: string;
}

/** A tool as its server describes it. */
export interface ToolDescription {
  toolName: string;
  title: string;
  description: string;
  inputSchema: Record<string, unknown>;
  outputSchema?: Record<string, unknown>;
  annotations?: ToolEntity['spec']['annotations'];
}

/** A tool of the registry; times in ms UTC. */
export interface ToolRecord extends ToolDescription {
  /** Name at the gateway. */
  name: string;
  /** Entity ref of the Tool. */
  ref: string;
  serverRef: string;
  ownerRef: string;
  riskTier: RiskTier;
  status: 'available' | 'stale';
  hash: string;
  lastSeenAt: number;
  lastChangedAt: number;
}

/** Owner and risk that a Tool entity written by people gives to a tool. */
export interface ToolOverride {
  ownerRef: string;
  riskTier: RiskTier;
  title?: string;
  description?: string;
}
