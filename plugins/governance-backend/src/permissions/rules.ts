import {
  type AuditEntry,
  RESOURCE_TYPE_AUDIT_ENTRY,
} from '@agentportal/plugin-governance-common';
import {
  createConditionExports,
  createPermissionResourceRef,
  createPermissionRule,
} from '@backstage/plugin-permission-node';
import { z } from 'zod/v4';
import type { AuditCriterion } from '../store/filter';
import { personsIn } from '@agentportal/audit-log';

/**
 * Entries of the audit log, as a resource that permissions decide about; refs are
 * `tenant/id`.
 *
 * @public
 */
export const auditEntryPermissionResourceRef = createPermissionResourceRef<
  AuditEntry,
  AuditCriterion
>().with({ pluginId: 'governance', resourceType: RESOURCE_TYPE_AUDIT_ENTRY });

const isAboutPerson = createPermissionRule({
  name: 'IS_ABOUT_PERSON',
  description: 'Allow entries in which the person is named',
  resourceRef: auditEntryPermissionResourceRef,
  paramsSchema: z.object({
    userRef: z.string().describe('Entity ref of the person'),
  }),
  apply: (entry, { userRef }) =>
    personsIn(JSON.stringify(entry)).includes(userRef.toLowerCase()),
  toQuery: ({ userRef }) => ({ key: 'person', values: [userRef] }),
});

const isAgentOwner = createPermissionRule({
  name: 'IS_AUDIT_AGENT_OWNER',
  description: 'Allow entries about agents to those who owned the agent then',
  resourceRef: auditEntryPermissionResourceRef,
  paramsSchema: z.object({
    claims: z
      .array(z.string())
      .describe('Entity refs, of which one must own the agent'),
  }),
  apply: ({ agentOwnerRef, resourceOwnerRef }, { claims }) =>
    [agentOwnerRef, resourceOwnerRef].some(
      owner => owner !== undefined && claims.includes(owner),
    ),
  toQuery: ({ claims }) => ({ key: 'agentOwner', values: claims }),
});

/**
 * The rules on entries of the audit log.
 *
 * @public
 */
export const auditPermissionRules = { isAboutPerson, isAgentOwner };

const exported = createConditionExports({
  resourceRef: auditEntryPermissionResourceRef,
  rules: auditPermissionRules,
});

/**
 * Conditions on entries of the audit log, for authors of permission policies.
 *
 * @public
 */
export const auditConditions = exported.conditions;

/**
 * Makes a conditional decision about entries, for authors of permission policies.
 *
 * @public
 */
export const createAuditConditionalDecision =
  exported.createConditionalDecision;
