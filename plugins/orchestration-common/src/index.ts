/**
 * Types, client, events and permissions of runs.
 *
 * @packageDocumentation
 */
export * from './client';
export * from './events';
export * from './permissions';
export * from './types';
export * from './workflow';
