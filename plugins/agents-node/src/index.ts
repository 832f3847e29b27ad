/**
 * What the backends of Agent Portal share: who acts, whose word counts, typed
 * routers, permission decisions, and workers for foreign input.
 *
 * @packageDocumentation
 */

export { portalActionsServiceRef } from './actions/portalActionsServiceRef';
export {
  principalNameOf,
  principalOf,
  type Principal,
} from './acting/principalOf';
export {
  REHEARSAL_HEADER,
  RUN_STEP_HEADER,
  type RunContext,
  runContextOf,
} from './acting/runContext';
export { actionDigest, digestOf } from './approvals/actionDigest';
export {
  APPROVAL_GRANT,
  ApprovalGrants,
  type VerifiedGrant,
} from './approvals/ApprovalGrants';
export { audited } from './audit/audited';
export type { AuditLog } from './audit/AuditLog';
export { auditLogServiceRef } from './audit/auditLogServiceRef';
export { timeOrderedId } from './audit/timeOrderedId';
export type {
  AgentDecider,
  AgentDecisions,
  PermissionHalves,
} from './decisions/AgentDecisions';
export { agentDecisionsServiceRef } from './decisions/agentDecisionsServiceRef';
export {
  type AgentCallDecision,
  type AgentCallQuestion,
  decideAgentCall,
} from './decisions/decideAgentCall';
export { subscriptionOfProcess } from './events/subscriptionOfProcess';
export type {
  ActingParty,
  ActiveAgent,
  AgentIdentities,
} from './identities/AgentIdentities';
export { ActingUserInfo } from './identities/ActingUserInfo';
export { isOfRevokedCredential } from './identities/isOfRevokedCredential';
export { tokenDigestOf } from './identities/tokenDigestOf';
export { agentIdentitiesServiceRef } from './identities/agentIdentitiesServiceRef';
export { AgentOwners } from './identities/AgentOwners';
export { AgentsWithin, type Within } from './identities/AgentsWithin';
export { isAgentPrincipal } from './identities/isAgentPrincipal';
export { readMilliseconds } from './config/readMilliseconds';
export { databaseTime } from './database/databaseTime';
export { deleteInBatches } from './database/deleteInBatches';
export { type ColumnType, insertRows } from './database/insertRows';
export { isSqlite } from './database/isSqlite';
export { narrowToPage, readPage } from './database/readPage';
export { tuneSqlite } from './database/tuneSqlite';
export {
  isBelow,
  isPrivateAddress,
  isPrivateHost,
  matchesHost,
  matchesHostAndPort,
} from './http/addresses';
export { createGuardedAgent } from './http/createGuardedAgent';
export { decodeCursor, encodeCursor } from './http/cursor';
export { jsonBody } from './http/jsonBody';
export { OutageAwareHttpAuth } from './http/OutageAwareHttpAuth';
export { createPluginAsker, type PluginAsker } from './http/createPluginAsker';
export { TokenKeys } from './http/TokenKeys';
export { toOutage } from './http/toOutage';
export {
  createOpenApiRouter,
  type OperationHandler,
  type OperationHandlers,
} from './http/createOpenApiRouter';
export { type OwnerNotice, OwnerNotices } from './notices/OwnerNotices';
export {
  PermissionDecisions,
  type Allower,
} from './permissions/PermissionDecisions';
export { personToErase } from './permissions/personToErase';
export {
  localRepositoriesFolder,
  unreviewedBy,
} from './repositories/localRepositoriesFolder';
export { ToldSecrets } from './secrets/ToldSecrets';
export {
  CatalogTrust,
  isMirrored,
  MIRROR_LOCATION_PREFIX,
  originOf,
  type StatedField,
} from './trust/CatalogTrust';
export { Clearances } from './trust/Clearances';
export { alternativesOf } from './permissions/alternativesOf';
export { combineDecisions } from './permissions/combineDecisions';
export type { Party } from './workers/FairSlots';
export {
  createWorkerPool,
  WorkerLimitError,
  WorkerOverloadedError,
  type WorkerPool,
  type WorkerPoolOptions,
} from './workers/createWorkerPool';
