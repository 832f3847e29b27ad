/**
 * What a worker process runs: texts in, what was found in them out.
 *
 * @packageDocumentation
 */
export { inspect as default } from './inspect';
