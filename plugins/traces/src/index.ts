/**
 * The Traces page, the page of a trace and the Traces tab of an agent.
 *
 * @packageDocumentation
 */
export { tracesPlugin as default } from './plugin';
export { tracesTranslationRef } from './translation';
