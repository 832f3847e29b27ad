import {
  ApiBlueprint,
  PageBlueprint,
  createFrontendPlugin,
  discoveryApiRef,
  fetchApiRef,
} from '@backstage/frontend-plugin-api';
import { EntityContentBlueprint } from '@backstage/plugin-catalog-react/alpha';
import { ModelsClient } from '@agentportal/plugin-models-common';
import { RiCpuLine, RiMoneyDollarCircleLine } from '@remixicon/react';
import { modelsApiRef } from './api/modelsApiRef';
import { costRouteRef, modelsRouteRef } from './routes';

const modelsApi = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: modelsApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => new ModelsClient(deps),
    }),
});

const modelsPage = PageBlueprint.make({
  params: {
    path: '/models',
    title: 'Models',
    icon: <RiCpuLine size={20} />,
    routeRef: modelsRouteRef,
    loader: () => import('./models/ModelsPage').then(m => <m.ModelsPage />),
  },
});

const costPage = PageBlueprint.make({
  name: 'cost',
  params: {
    path: '/cost',
    title: 'Cost',
    icon: <RiMoneyDollarCircleLine size={20} />,
    routeRef: costRouteRef,
    loader: () => import('./cost/CostPage').then(m => <m.CostPage />),
  },
});

const costTab = EntityContentBlueprint.make({
  name: 'cost',
  params: {
    path: '/cost',
    title: 'Cost',
    icon: <RiMoneyDollarCircleLine />,
    filter: { kind: { $in: ['agent', 'system', 'domain', 'group', 'model'] } },
    loader: () => import('./costTab/CostTab').then(m => <m.CostTab />),
  },
});

/**
 * What models there are, what they cost, and on whose account.
 *
 * @public
 */
export const modelsPlugin = createFrontendPlugin({
  pluginId: 'models',
  title: 'Models',
  icon: <RiCpuLine size={20} />,
  info: { packageJson: () => import('../package.json') },
  extensions: [modelsApi, modelsPage, costPage, costTab],
  routes: { models: modelsRouteRef, cost: costRouteRef },
});
