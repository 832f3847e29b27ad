export { riskTierOf } from './riskTierOf';
export { autonomyCeiling, lowestAutonomy } from './autonomyCeiling';
export { decideToolCall } from './decideToolCall';
export { decideModelUse } from './decideModelUse';
export type { Decision } from './Decision';
export {
  decideAgentState,
  DEFAULT_SPONSOR_GRACE_DAYS,
  type AgentStanding,
  type AgentState,
  type AgentStateRecord,
} from './decideAgentState';
