export {
  validateAgentEntity,
  validateModelEntity,
  validateToolEntity,
} from './validators';
export type { KindValidator } from './validators';
export { cronOf } from './triggerProblems';
export { nearestName } from './nearestName';
