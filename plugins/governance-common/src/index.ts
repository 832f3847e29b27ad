/**
 * Types, permissions and client of the audit log.
 *
 * @packageDocumentation
 */
export * from './client';
export { describeEntry } from './describeEntry';
export * from './permissions';
export * from './types';
