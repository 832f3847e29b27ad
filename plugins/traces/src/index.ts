/**
 * The Traces page, the page of a trace and the Traces tab of an agent.
 *
 * @packageDocumentation
 */
export { tracesPlugin as default } from './plugin';
export { tracesApiRef, type TracesApi } from './api/tracesApiRef';
export { tracesTranslationRef } from './translation';
