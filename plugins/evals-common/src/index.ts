/**
 * Types, client, permissions, form of cases and statistics of evaluations.
 *
 * @packageDocumentation
 */
export * from './EvalsClient';
export * from './cases';
export * from './grading';
export * from './permissions';
export * from './statistics';
export * from './types';
