/**
 * An agent of another company that speaks A2A.
 *
 * @packageDocumentation
 */

export { createSizeAdvisor } from './createSizeAdvisor';
export { advise, type Advice } from './sizes';
