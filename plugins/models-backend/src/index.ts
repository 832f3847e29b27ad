/**
 * The model service: providers, price book and cost ledger behind one
 * OpenAI-compatible door.
 *
 * @packageDocumentation
 */
export { modelsPlugin as default } from './plugin';
export {
  type ModelReadiness,
  modelReadinessServiceRef,
  modelServiceHealth,
} from './modelReadiness';
export {
  budgetConditions,
  type BudgetFilter,
  type BudgetResource,
  budgetResourceRef,
  budgetRules,
  createBudgetConditionalDecision,
} from './access/budgetRules';
export {
  createRouteConditionalDecision,
  routeConditions,
  type RouteFilter,
  type RouteResource,
  routeResourceRef,
  routeRules,
} from './access/routeRules';
export {
  createKeyConditionalDecision,
  keyConditions,
  type KeyFilter,
  type KeyResource,
  keyResourceRef,
  keyRules,
} from './access/keyRules';
export {
  createModelConditionalDecision,
  modelConditions,
  modelResourceRef,
  modelRules,
  type ModelFilter,
  type ModelResource,
} from './access/modelRules';
