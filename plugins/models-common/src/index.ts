/**
 * Types, client and permissions of the model service.
 *
 * @packageDocumentation
 */
export * from './permissions';
export * from './types';
export * from './ModelsClient';
