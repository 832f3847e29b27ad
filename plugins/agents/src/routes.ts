import {
  createExternalRouteRef,
  createRouteRef,
} from '@backstage/frontend-plugin-api';

export const rootRouteRef = createRouteRef();

export const approvalsRouteRef = createRouteRef();

/** Where a golden path is chosen. */
export const createAgentRouteRef = createExternalRouteRef({
  defaultTarget: 'scaffolder.root',
});

/** A run's page, of the orchestration plugin. */
export const runRouteRef = createExternalRouteRef({
  params: ['id'],
  defaultTarget: 'orchestration.run',
});

/** The tool explorer, of the tools plugin. */
export const toolExplorerRouteRef = createExternalRouteRef({
  defaultTarget: 'tools.root',
});
