/**
 * Entry of the worker processes that read files and judge answers, see `EvalsWorkers`.
 *
 * @packageDocumentation
 */
export { work as default } from './judging/work';
