import type { AuditRecord } from '@agentportal/plugin-governance-common';

/**
 * Writes to the audit log of the portal.
 *
 * @public
 */
export interface AuditLog {
  /**
   * Records what is about to happen; resolves when the entry is durable. Whoever is
   * about to do something that cannot be undone waits for it: no log, no action.
   *
   * @param options - `deadlineMs`: how long it may take, 10 seconds unless given
   * @throws ServiceUnavailableError when it could not be recorded in time; it may be
   *   recorded all the same
   * @throws InputError when the record is not one that the log takes
   */
  record(record: AuditRecord, options?: { deadlineMs?: number }): Promise<void>;

  /**
   * Records what has happened; resolves when the record is in line, where records
   * gather for a moment. It is tried for minutes, and one that could not be recorded is
   * told to the log of the backend. For one that the log does not take another one
   * stands in, with who did what and a digest of all that was to be said. When the line
   * is long it makes its caller wait.
   */
  note(record: AuditRecord): Promise<void>;
}
