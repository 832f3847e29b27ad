/**
 * The tool registry and the one MCP endpoint in front of every server.
 *
 * @packageDocumentation
 */
export { toolsPlugin as default } from './plugin';
export {
  createToolConditionalDecision,
  toolConditions,
  toolResourceRef,
  toolRules,
  type ToolResource,
} from './permissions/rules';
