import { createPermission } from '@backstage/plugin-permission-common';

/**
 * Resource type of traces; refs are their ids.
 *
 * @public
 */
export const RESOURCE_TYPE_TRACE = 'traces-trace';

/**
 * May read a trace, and see it in lists and figures.
 *
 * @public
 */
export const traceReadPermission = createPermission({
  name: 'traces.trace.read',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_TRACE,
});

/**
 * May flag a trace for others to look at, which keeps it longer, and take a flag away.
 *
 * @public
 */
export const traceFlagPermission = createPermission({
  name: 'traces.trace.flag',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_TRACE,
});

/**
 * May send spans and say of which agent and for whom they are. An agent needs none of it
 * for its own.
 *
 * @public
 */
export const spanWritePermission = createPermission({
  name: 'traces.span.write',
  attributes: { action: 'create' },
});

/**
 * All permissions of the traces plugin.
 *
 * @public
 */
export const tracesPermissions = [
  traceReadPermission,
  traceFlagPermission,
  spanWritePermission,
];
