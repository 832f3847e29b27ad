/**
 * The model service: providers, price book and cost ledger behind one
 * OpenAI-compatible door.
 *
 * @packageDocumentation
 */
export { modelsPlugin as default } from './plugin';
export {
  budgetConditions,
  type BudgetFilter,
  type BudgetResource,
  budgetResourceRef,
  budgetRules,
  createBudgetConditionalDecision,
} from './access/budgetRules';
export {
  createModelConditionalDecision,
  modelConditions,
  modelResourceRef,
  modelRules,
  type ModelFilter,
  type ModelResource,
} from './access/modelRules';
