import {
  createExternalRouteRef,
  createRouteRef,
} from '@backstage/frontend-plugin-api';

export const rootRouteRef = createRouteRef();

/** The page of a run, where runs have pages. */
export const runRouteRef = createExternalRouteRef({
  params: ['id'],
  defaultTarget: 'orchestration.run',
});
