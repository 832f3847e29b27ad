import {
  createExternalRouteRef,
  createRouteRef,
  createSubRouteRef,
} from '@backstage/frontend-plugin-api';

export const rootRouteRef = createRouteRef();

export const evaluationsRouteRef = createRouteRef();

/** The page of a data set. No evaluation has this name for an id. */
export const dataSetRouteRef = createSubRouteRef({
  parent: evaluationsRouteRef,
  path: '/data-sets/:dataSetId',
});

export const evaluationRouteRef = createSubRouteRef({
  parent: evaluationsRouteRef,
  path: '/:evaluationId',
});

/** An evaluation beside another one of the same cases. */
export const comparisonRouteRef = createSubRouteRef({
  parent: evaluationsRouteRef,
  path: '/:evaluationId/against/:baselineId',
});

/** What waits for reviewers; `?id=<id>` is one review, `?agent=<ref>` those of an agent. */
export const reviewsRouteRef = createRouteRef();

export const experimentsRouteRef = createRouteRef();

export const experimentRouteRef = createSubRouteRef({
  parent: experimentsRouteRef,
  path: '/:experimentId',
});

/** Where people decide about requests, where there is such a page. */
export const approvalsRouteRef = createExternalRouteRef({
  defaultTarget: 'agents.approvals',
});

/** The run of an answer, where there are runs. */
export const runRouteRef = createExternalRouteRef({
  params: ['id'],
  defaultTarget: 'orchestration.run',
});
