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

/** The audit log, where there is one that the person may read; `?record=<id>` is the record of a run. */
export const auditRouteRef = createExternalRouteRef({
  defaultTarget: 'governance.root',
});

/** What waits for people to decide; `?id=<id>` is one request. */
export const approvalsRouteRef = createExternalRouteRef({
  defaultTarget: 'agents.approvals',
});
