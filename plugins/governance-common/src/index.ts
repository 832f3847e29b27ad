/**
 * Types, permissions and client of the audit log.
 *
 * @packageDocumentation
 */
export * from './client';
export { describeEntry, handedOnBy } from './describeEntry';
export * from './permissions';
export * from './types';
