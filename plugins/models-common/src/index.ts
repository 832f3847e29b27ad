/**
 * Types, client and permissions of the model service.
 *
 * @packageDocumentation
 */
export * from './permissions';
export * from './types';
export * from './AnswerCacheClient';
export * from './ComplexityClient';
export * from './KeysClient';
export * from './ModelsClient';
export * from './RateLimitsClient';
export * from './RoutesClient';
export type { ModelsClientOptions, ModelsRequestOptions } from './modelsHttp';
export type {
  operations as ModelsOperations,
  paths as ModelsPaths,
} from './generated/openapi';
