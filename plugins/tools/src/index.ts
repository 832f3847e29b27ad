/**
 * The tool explorer.
 *
 * @packageDocumentation
 */
export { toolsPlugin as default } from './plugin';
export { toolsApiRef } from './api/toolsApiRef';
export { toolsTranslationRef } from './translation';
