/**
 * Runs agents through the model and tool gateways, and keeps what happened.
 *
 * @packageDocumentation
 */
export { orchestrationPlugin as default } from './plugin';
export {
  createRunConditionalDecision,
  type RunResource,
  runConditions,
  runPermissionResourceRef,
  runPermissionRules,
} from './permissions/rules';
export type { RunFilter } from './store/runFilter';
