/**
 * Audit page.
 *
 * @packageDocumentation
 */
export { governancePlugin as default } from './plugin';
export { governanceApiRef } from './api/governanceApiRef';
export type { GovernanceApi } from './api/governanceApiRef';
export { governanceTranslationRef } from './translation';
