/**
 * Types, client and permissions of the trace service.
 *
 * @packageDocumentation
 */
export * from './permissions';
export * from './types';
export * from './TracesClient';
