/**
 * Traces of agents: OTLP ingest, store and queries.
 *
 * @packageDocumentation
 */
export { tracesPlugin as default } from './plugin';
export {
  createTraceConditionalDecision,
  traceConditions,
  traceResourceRef,
  traceRules,
  type TraceCriterion,
  type TraceResource,
} from './permissions/rules';
