export { riskTierOf } from './riskTierOf';
export { autonomyCeiling, lowestAutonomy } from './autonomyCeiling';
export { decideToolCall } from './decideToolCall';
export { decideModelUse } from './decideModelUse';
export type { Decision } from './Decision';
