/**
 * Rules for the tool calls of agents, in Cedar.
 *
 * @packageDocumentation
 */
export {
  shapeAt,
  shapeOf,
  type ArgumentShape,
  type RecordShape,
} from './ArgumentShape';
export { sumKey, type CallHistory, type Windows } from './CallHistory';
export { checkRules, type RuleText } from './checkRules';
export { toUnits } from './decimal';
export type { RuleSettings } from './environment';
export {
  RULE_MODES,
  type HistoryNeeds,
  type Rule,
  type RuledTool,
  type RuleMode,
  type RuleProblem,
  type RuleScope,
} from './Rule';
export {
  RuleEngine,
  type RuledCall,
  type RuleHit,
  type RuleVerdict,
} from './RuleEngine';
export {
  simulateRules,
  unitsAt,
  type RecordedCall,
  type Simulation,
} from './simulateRules';
