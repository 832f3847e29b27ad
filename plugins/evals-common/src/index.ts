/**
 * Types, client, permissions, form of cases and statistics of evaluations.
 *
 * @packageDocumentation
 */
export * from './EvalsClient';
export * from './permissions';
export * from './types';
