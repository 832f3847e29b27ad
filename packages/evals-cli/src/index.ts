/**
 * The command `agent-portal`: evaluates agents from a terminal or a pipeline.
 *
 * @packageDocumentation
 */
export { runAgentPortal } from './runAgentPortal';
