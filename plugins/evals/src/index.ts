/**
 * The Quality page, and the Scorecard and Evaluations tabs of an agent.
 *
 * @packageDocumentation
 */
export { evalsPlugin as default } from './plugin';
export { evalsApiRef, type EvalsApi } from './api/evalsApiRef';
export { evalsTranslationRef } from './translation';
