/**
 * The model service: providers, price book and cost ledger behind one
 * OpenAI-compatible door.
 *
 * @packageDocumentation
 */
export { modelsPlugin as default } from './plugin';
export {
  createModelConditionalDecision,
  modelConditions,
  modelResourceRef,
  modelRules,
  type ModelFilter,
  type ModelResource,
} from './access/modelRules';
