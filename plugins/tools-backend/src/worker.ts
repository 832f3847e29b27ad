/**
 * Entry of the worker threads that check foreign JSON Schemas, see `ToolSchemas`.
 *
 * @packageDocumentation
 */
export { checkSchema as default } from './schemas/checkSchema';
