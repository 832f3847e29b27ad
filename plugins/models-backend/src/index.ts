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
  type BudgetResource,
  budgetResourceRef,
  budgetRules,
  callConditions,
  type CallResource,
  callResourceRef,
  callRules,
  type CallVisibility,
  createBudgetConditionalDecision,
  createCallConditionalDecision,
  createKeyConditionalDecision,
  createModelConditionalDecision,
  createRouteConditionalDecision,
  keyConditions,
  type KeyResource,
  keyResourceRef,
  keyRules,
  modelConditions,
  type ModelFilter,
  type ModelResource,
  modelResourceRef,
  modelRules,
  type OwnerFilter,
  routeConditions,
  type RouteResource,
  routeResourceRef,
  routeRules,
} from './access/rules';
