/**
 * Types, permissions and client of the audit log.
 *
 * @packageDocumentation
 */
export * from './client';
export {
  describeEntry,
  handedOnBy,
  waitsForPeople,
  wasStopped,
} from './describeEntry';
export * from './permissions';
export * from './types';
