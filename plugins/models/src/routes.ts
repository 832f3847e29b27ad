import { createRouteRef } from '@backstage/frontend-plugin-api';

export const modelsRouteRef = createRouteRef();
export const costRouteRef = createRouteRef();
