import type {
  DataClassification,
  RiskTier,
  ToolEntity,
} from '@agentportal/plugin-agents-common';
import type { Entity } from '@backstage/catalog-model';

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
  /** What the catalog has, for the question whose word counts. */
  entity: Entity;
  /** Whether a trusted location or app-config vouches for what it says of its tools. */
  isVerified: boolean;
  /** Why it cannot be visited at all, in a sentence. */
  problem?: string;
}

/** An MCP server and what the last visits found; times in ms UTC. */
export interface ServerRecord {
  ref: string;
  name: string;
  title: string;
  url: string;
  ownerRef: string;
  /** `unknown`: not to be visited, or not in the catalog any more. */
  status: 'up' | 'down' | 'unknown';
  /** Whether it is Backstage's own action server. */
  isBackstageActions: boolean;
  /** Whether what it says of its own tools counts. */
  isVerified: boolean;
  /** MCP revision that was negotiated. */
  era?: string;
  lastSeenAt?: number;
  /** Visits that failed since. */
  failures: number;
  downSince?: number;
  /** Since when the catalog does not name it. */
  absentSince?: number;
  /** Until when a server that is down is left alone. */
  retryAt?: number;
  error?: string;
  /** Changes whenever its tools do; counted by the store. */
  toolsRevision?: number;
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
  /** The highest tier that the server's hints have amounted to so far. */
  hintedTier: RiskTier;
  /** The most sensitive data that it gives, where somebody said it. */
  dataClassification?: DataClassification;
  /** Why it cannot be used, in a sentence; its schemas are left out then. */
  invalidReason?: string;
  /** Until when that counts, if another attempt may end otherwise. */
  invalidUntil?: number;
  /** Of what the server said. */
  hash: string;
  /** What the server calls it, where a Tool entity has other words for it. */
  said?: { title: string; description: string };
  /**
   * The change of what the server says that nobody has released: the tool is as it was
   * before, and cannot be called.
   */
  heldChange?: string;
  /** Whether somebody vouches for its server; in a snapshot. */
  isVouchedFor?: boolean;
  lastChangedAt: number;
}

/** What a Tool entity that people wrote says about a tool. */
export interface ToolStatement {
  entity: Entity;
  ownerRef: string;
  riskTier: RiskTier;
  dataClassification?: DataClassification;
  providedByRef: string;
  title?: string;
  description?: string;
}
