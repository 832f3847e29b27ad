/**
 * Types, client, events and permissions of runs.
 *
 * @packageDocumentation
 */
export * from './permissions';
