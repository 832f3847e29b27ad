/**
 * Runs, the run page and chat.
 *
 * @packageDocumentation
 */
export { orchestrationPlugin as default } from './plugin';
export * from './api';
export { orchestrationTranslationRef } from './translation';
