import { NoSuchTab } from '@agentportal/plugin-agents-react';
import {
  ApiBlueprint,
  coreApis,
  coreExtensionData,
  createFrontendPlugin,
  PageBlueprint,
  SubPageBlueprint,
} from '@backstage/frontend-plugin-api';
import { EntityContentBlueprint } from '@backstage/plugin-catalog-react/alpha';
import {
  ModelsClient,
  managementViewPermission,
} from '@agentportal/plugin-models-common';
import { RiCpuLine, RiMoneyDollarCircleLine } from '@remixicon/react';
import { modelsApiRef } from './api/modelsApiRef';
import { costRouteRef, modelsRouteRef } from './routes';
import { modelsTranslationRef } from './translation';

const modelsApi = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: modelsApiRef,
      deps: { discoveryApi: coreApis.discovery, fetchApi: coreApis.fetch },
      factory: deps => new ModelsClient(deps),
    }),
});

/** Tabs that one may never use are not offered; `NoSuchTab` says so to who has their address. */
const MAY_MANAGE = {
  permissions: { $contains: `${managementViewPermission.name}#read` },
};

const modelsPage = PageBlueprint.makeWithOverrides({
  *factory(originalFactory, { inputs }) {
    const page = originalFactory({
      path: '/models',
      title: modelsTranslationRef('models.title'),
      icon: <RiCpuLine size={20} />,
      routeRef: modelsRouteRef,
    });
    yield* [...page].filter(
      ({ id }) => id !== coreExtensionData.reactElement.id,
    );
    yield coreExtensionData.reactElement(
      <>
        {page.get(coreExtensionData.reactElement)}
        <NoSuchTab
          routeRef={modelsRouteRef}
          offered={inputs.pages.map(tab =>
            tab.get(coreExtensionData.routePath),
          )}
          refused={{ keys: 'Keys are not for you to see' }}
        />
      </>,
    );
  },
});

// The tabs of a page are shown in the order of the list of extensions below.
const allModelsPage = SubPageBlueprint.make({
  attachTo: { id: 'page:models', input: 'pages' },
  name: 'models-all',
  params: {
    path: 'all',
    title: modelsTranslationRef('allModels.title'),
    loader: () => import('./models/ModelsPage').then(m => <m.ModelsPage />),
  },
});

const modelRoutesPage = SubPageBlueprint.make({
  attachTo: { id: 'page:models', input: 'pages' },
  name: 'models-routes',
  params: {
    path: 'routes',
    title: modelsTranslationRef('routes.title'),
    loader: () =>
      import('./modelRoutes/RoutesPage').then(m => <m.RoutesPage />),
  },
});

const keysPage = SubPageBlueprint.make({
  attachTo: { id: 'page:models', input: 'pages' },
  name: 'models-keys',
  if: MAY_MANAGE,
  params: {
    path: 'keys',
    title: modelsTranslationRef('keys.title'),
    loader: () => import('./keys/KeysPage').then(m => <m.KeysPage />),
  },
});

const costPage = PageBlueprint.makeWithOverrides({
  name: 'cost',
  *factory(originalFactory, { inputs }) {
    const page = originalFactory({
      path: '/cost',
      title: modelsTranslationRef('cost.title'),
      icon: <RiMoneyDollarCircleLine size={20} />,
      routeRef: costRouteRef,
    });
    yield* [...page].filter(
      ({ id }) => id !== coreExtensionData.reactElement.id,
    );
    yield coreExtensionData.reactElement(
      <>
        {page.get(coreExtensionData.reactElement)}
        <NoSuchTab
          routeRef={costRouteRef}
          offered={inputs.pages.map(tab =>
            tab.get(coreExtensionData.routePath),
          )}
          refused={{ budgets: 'Budgets are not for you to see' }}
        />
      </>,
    );
  },
});

const costOverviewPage = SubPageBlueprint.make({
  attachTo: { id: 'page:models/cost', input: 'pages' },
  name: 'cost-overview',
  params: {
    path: 'overview',
    title: modelsTranslationRef('costOverview.title'),
    loader: () => import('./cost/CostPage').then(m => <m.CostPage />),
  },
});

const budgetsPage = SubPageBlueprint.make({
  attachTo: { id: 'page:models/cost', input: 'pages' },
  name: 'cost-budgets',
  if: MAY_MANAGE,
  params: {
    path: 'budgets',
    title: modelsTranslationRef('budgets.title'),
    loader: () => import('./budgets/BudgetsPage').then(m => <m.BudgetsPage />),
  },
});

const costTab = EntityContentBlueprint.make({
  name: 'cost',
  params: {
    path: '/cost',
    title: modelsTranslationRef('costTab.title'),
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
  extensions: [
    modelsApi,
    modelsPage,
    allModelsPage,
    modelRoutesPage,
    keysPage,
    costPage,
    costOverviewPage,
    budgetsPage,
    costTab,
  ],
  routes: { models: modelsRouteRef, cost: costRouteRef },
});
