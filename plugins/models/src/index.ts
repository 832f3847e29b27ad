/**
 * Models and Cost pages.
 *
 * @packageDocumentation
 */
export { modelsPlugin as default } from './plugin';
export { modelsApiRef } from './api/modelsApiRef';
export type { ModelsApi } from './api/modelsApiRef';
export { modelsTranslationRef } from './translation';
