/**
 * Types, permissions and client of the audit log.
 *
 * @packageDocumentation
 */
export * from './client';
export { describeEntry, handedOnBy, waitsForPeople } from './describeEntry';
export * from './permissions';
export * from './types';
