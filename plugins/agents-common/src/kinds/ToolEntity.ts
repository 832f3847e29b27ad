import type { Entity } from '@backstage/catalog-model';
import type { DataClassification } from './AgentEntity';
import type { RiskTier } from './riskTier';

/**
 * A tool that agents call, in the catalog.
 *
 * @public
 */
export interface ToolEntity extends Entity {
  apiVersion: 'agentportal.dev/v1alpha1';
  kind: 'Tool';
  spec: {
    type: 'mcp';
    lifecycle: string;
    /** Entity ref of the group or user that owns the tool. */
    owner: string;
    system?: string;
    riskTier: RiskTier;
    /** The most sensitive data that it gives; `internal` if not given. */
    dataClassification?: DataClassification;
    /** Entity ref of the API that serves the tool. */
    providedBy: string;
    /** The tool's name on its server. */
    toolName: string;
    /** The hints that the server gave (MCP tool annotations). */
    annotations?: {
      title?: string;
      readOnlyHint?: boolean;
      destructiveHint?: boolean;
      idempotentHint?: boolean;
      openWorldHint?: boolean;
    };
  };
}

/**
 * Whether an entity is a Tool of our apiVersion group.
 *
 * @public
 */
export function isToolEntity(entity: Entity): entity is ToolEntity {
  return (
    entity.kind.toLocaleLowerCase('en-US') === 'tool' &&
    entity.apiVersion.startsWith('agentportal.dev/')
  );
}
