import type { RiskTier } from '../kinds/riskTier';
import type { ToolEntity } from '../kinds/ToolEntity';

/**
 * The risk tier that the hints of an MCP server amount to. A tool that says
 * nothing about itself is taken for the worst, as MCP's own defaults are
 * `destructiveHint: true` and `openWorldHint: true`.
 *
 * @public
 */
export function riskTierOf(
  annotations: ToolEntity['spec']['annotations'] | undefined,
): RiskTier {
  if (annotations?.readOnlyHint === true) {
    return 'read';
  }
  if (annotations?.destructiveHint !== false) {
    return 'critical';
  }
  return annotations.openWorldHint === true ? 'external' : 'write';
}
