import { createPermission } from '@backstage/plugin-permission-common';

/**
 * Resource type of entries of the audit log; their refs are `tenant/id`.
 *
 * @public
 */
export const RESOURCE_TYPE_AUDIT_ENTRY = 'governance-audit-entry';

/**
 * May read entries of the audit log.
 *
 * @public
 */
export const auditReadPermission = createPermission({
  name: 'governance.audit.read',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_AUDIT_ENTRY,
});

/**
 * May open the page of the audit log. Only decides whether the interface offers it;
 * what is on it is decided by {@link auditReadPermission}.
 *
 * @public
 */
export const auditViewPermission = createPermission({
  name: 'governance.audit.view',
  attributes: { action: 'read' },
});

/**
 * May take the entries that they may read out of the portal.
 *
 * @public
 */
export const auditExportPermission = createPermission({
  name: 'governance.audit.export',
  attributes: { action: 'read' },
});

/**
 * May erase persons from the audit log, which nothing undoes.
 *
 * @public
 */
export const auditErasePermission = createPermission({
  name: 'governance.audit.erase',
  attributes: { action: 'delete' },
});

/**
 * May see, set and release legal holds.
 *
 * @public
 */
export const auditHoldPermission = createPermission({
  name: 'governance.audit.hold',
  attributes: { action: 'update' },
});

/**
 * All permissions of the governance plugin.
 *
 * @public
 */
export const governancePermissions = [
  auditReadPermission,
  auditViewPermission,
  auditExportPermission,
  auditErasePermission,
  auditHoldPermission,
];
