/**
 * The audit log of the portal.
 *
 * @packageDocumentation
 */
export { governancePlugin as default } from './plugin';
export {
  auditConditions,
  auditEntryPermissionResourceRef,
  auditPermissionRules,
  createAuditConditionalDecision,
} from './permissions/rules';
export type { AuditCriterion } from './store/filter';
export { auditorToAuditLog } from './writers/auditorToAuditLog';
