import {
  createExternalRouteRef,
  createRouteRef,
  createSubRouteRef,
} from '@backstage/frontend-plugin-api';

export const rootRouteRef = createRouteRef();

/** The page of one run; `?step=<id>` chooses a step. */
export const runRouteRef = createSubRouteRef({
  parent: rootRouteRef,
  path: '/:id',
});

/** Two runs side by side: `?left=<id>&right=<id>`. No run has this name for an id. */
export const compareRouteRef = createSubRouteRef({
  parent: rootRouteRef,
  path: '/compare',
});

/** What starts agents by itself, of all of them. */
export const schedulesRouteRef = createRouteRef();

/** The audit log, where there is one that the person may read; `?record=<id>` is the record of a run. */
export const auditRouteRef = createExternalRouteRef({
  defaultTarget: 'governance.root',
});

/** The trace of a run, where traces are kept. */
export const traceRouteRef = createExternalRouteRef({
  params: ['traceId'],
  defaultTarget: 'traces.trace',
});

/** What waits for people to decide; `?id=<id>` is one request. */
export const approvalsRouteRef = createExternalRouteRef({
  defaultTarget: 'agents.approvals',
});
