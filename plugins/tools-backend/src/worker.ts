/**
 * Entry of the worker processes that check foreign JSON Schemas, see `ToolSchemas`.
 *
 * @packageDocumentation
 */
export { checkSchema as default } from './schemas/checkSchema';
