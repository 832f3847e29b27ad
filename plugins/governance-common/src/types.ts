import type { components, operations } from './generated/openapi';

type Schemas = components['schemas'];

/**
 * The operations of the HTTP API, for its router.
 *
 * @public
 */
export type GovernanceOperations = operations;

/**
 * What somebody wants to have in the audit log.
 *
 * @public
 */
export type AuditRecord = Schemas['AuditRecord'];

/**
 * An entry as people read it. Times are UTC, ISO 8601.
 *
 * @public
 */
export type AuditEntry = Schemas['AuditEntry'];

/**
 * What kind of thing happened.
 *
 * @public
 */
export type AuditType = Schemas['AuditType'];

/**
 * How it came out.
 *
 * @public
 */
export type AuditOutcome = Schemas['AuditOutcome'];

/**
 * Where a record stands in the log.
 *
 * @public
 */
export type AuditReceipt = Schemas['AuditReceipt'];

/**
 * A page of entries.
 *
 * @public
 */
export type AuditEntryList = Schemas['AuditEntryList'];

/**
 * An entry with the proof that it is in the log.
 *
 * @public
 */
export type ProvenEntry = Schemas['ProvenEntry'];

/**
 * Counts of entries.
 *
 * @public
 */
export type AuditStats = Schemas['AuditStats'];

/**
 * The keys that sign the log, as a JSON Web Key Set.
 *
 * @public
 */
export type AuditPublicKeys =
  operations['getPublicKeys']['responses'][200]['content']['application/json'];

/**
 * A legal hold.
 *
 * @public
 */
export type AuditHold = Schemas['Hold'];

/**
 * What is asked when a legal hold is set.
 *
 * @public
 */
export type CreateHoldRequest =
  operations['createHold']['requestBody']['content']['application/json'];

/**
 * Filters and paging of the list of entries.
 *
 * @public
 */
export type ListEntriesQuery = NonNullable<
  operations['listEntries']['parameters']['query']
>;

/**
 * Filters of the counts.
 *
 * @public
 */
export type AuditStatsQuery = NonNullable<
  operations['getStats']['parameters']['query']
>;

/**
 * Filters and format of an export.
 *
 * @public
 */
export type ExportQuery = NonNullable<
  operations['exportEntries']['parameters']['query']
>;
