/**
 * Entry of the worker processes that decode what is sent, see `Ingest`.
 *
 * @packageDocumentation
 */
export { readExport as default } from './decode/readExport';
