/**
 * Types, client and permissions of the model service.
 *
 * @packageDocumentation
 */
export * from './permissions';
export * from './types';
export * from './ModelsClient';
export type {
  operations as ModelsOperations,
  paths as ModelsPaths,
} from './generated/openapi';
