export { riskTierOf } from './riskTierOf';
export { autonomyCeiling, lowestAutonomy } from './autonomyCeiling';
export { DEFAULT_DATA_CLASSIFICATION, isMoreSensitive } from './dataClass';
export {
  type DecidedPerson,
  type DecidedTask,
  type DecidedTool,
  decideToolCall,
  refuseUncleared,
} from './decideToolCall';
export { decideModelUse } from './decideModelUse';
export {
  builtInLimit,
  type DecidedAgent,
  type Decision,
  isBuiltInLimit,
} from './Decision';
export {
  decideAgentState,
  DEFAULT_SPONSOR_GRACE_DAYS,
  type AgentStanding,
  type AgentState,
  type AgentStateRecord,
} from './decideAgentState';
