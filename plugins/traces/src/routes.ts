import {
  createExternalRouteRef,
  createRouteRef,
  createSubRouteRef,
} from '@backstage/frontend-plugin-api';

export const rootRouteRef = createRouteRef();

/** The page of one trace; `?span=<id>` chooses a span. */
export const traceRouteRef = createSubRouteRef({
  parent: rootRouteRef,
  path: '/:traceId',
});

/** The run of which a trace is, where there are runs. */
export const runRouteRef = createExternalRouteRef({
  params: ['id'],
  defaultTarget: 'orchestration.run',
});

/** What waits, or waited, for people to decide; `?id=<id>` is one request. */
export const approvalsRouteRef = createExternalRouteRef({
  defaultTarget: 'agents.approvals',
});
