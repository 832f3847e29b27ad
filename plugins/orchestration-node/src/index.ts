/**
 * What a module needs that runs agents on another framework.
 *
 * @packageDocumentation
 */

export {
  AgentCallError,
  type AgentRuntime,
  type AgentRuntimesExtensionPoint,
  agentRuntimesExtensionPoint,
  type RuntimeAgent,
  type RuntimeCall,
  type RuntimeMessage,
  type RuntimeTask,
} from './runtimes';
