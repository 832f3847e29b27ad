import { NoSuchTab } from '@agentportal/plugin-agents-react';
import { EvalsClient } from '@agentportal/plugin-evals-common';
import {
  ApiBlueprint,
  PageBlueprint,
  SubPageBlueprint,
  coreApis,
  coreExtensionData,
  createFrontendPlugin,
} from '@backstage/frontend-plugin-api';
import { EntityContentBlueprint } from '@backstage/plugin-catalog-react/alpha';
import { RiMedalLine } from '@remixicon/react';
import { evalsApiRef } from './api/evalsApiRef';
import {
  approvalsRouteRef,
  comparisonRouteRef,
  dataSetRouteRef,
  evaluationRouteRef,
  evaluationsRouteRef,
  experimentRouteRef,
  experimentsRouteRef,
  reviewsRouteRef,
  rootRouteRef,
  runRouteRef,
} from './routes';
import { evalsTranslationRef } from './translation';

const evalsApi = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: evalsApiRef,
      deps: { discoveryApi: coreApis.discovery, fetchApi: coreApis.fetch },
      factory: deps => new EvalsClient(deps),
    }),
});

// No `if`: everybody may see scorecards, and who may read the evaluations of some agents is not
// known by a condition of the framework. Who may read none is told so by the pages.
const qualityPage = PageBlueprint.makeWithOverrides({
  *factory(originalFactory, { inputs }) {
    const page = originalFactory({
      path: '/quality',
      title: evalsTranslationRef('page.title'),
      icon: <RiMedalLine size={20} />,
      routeRef: rootRouteRef,
    });
    yield* [...page].filter(
      ({ id }) => id !== coreExtensionData.reactElement.id,
    );
    yield coreExtensionData.reactElement(
      <>
        {page.get(coreExtensionData.reactElement)}
        <NoSuchTab
          routeRef={rootRouteRef}
          offered={inputs.pages.map(tab =>
            tab.get(coreExtensionData.routePath),
          )}
          refused={{}}
        />
      </>,
    );
  },
});

// The tabs of a page are shown in the order of the list of extensions below.
const scorecardsPage = SubPageBlueprint.make({
  attachTo: { id: 'page:evals', input: 'pages' },
  name: 'scorecards',
  params: {
    path: 'scorecards',
    title: evalsTranslationRef('scorecards.title'),
    loader: () =>
      import('./portfolio/PortfolioPage').then(m => <m.PortfolioPage />),
  },
});

const evaluationsPage = SubPageBlueprint.make({
  attachTo: { id: 'page:evals', input: 'pages' },
  name: 'evaluations',
  params: {
    path: 'evaluations',
    title: evalsTranslationRef('evaluations.title'),
    routeRef: evaluationsRouteRef,
    loader: () =>
      import('./evaluations/EvaluationsPage').then(m => <m.EvaluationsPage />),
  },
});

const reviewsPage = SubPageBlueprint.make({
  attachTo: { id: 'page:evals', input: 'pages' },
  name: 'reviews',
  params: {
    path: 'reviews',
    title: evalsTranslationRef('reviews.title'),
    routeRef: reviewsRouteRef,
    loader: () => import('./reviews/ReviewsPage').then(m => <m.ReviewsPage />),
  },
});

const experimentsPage = SubPageBlueprint.make({
  attachTo: { id: 'page:evals', input: 'pages' },
  name: 'experiments',
  params: {
    path: 'experiments',
    title: evalsTranslationRef('experiments.title'),
    routeRef: experimentsRouteRef,
    loader: () =>
      import('./experiments/ExperimentsPage').then(m => <m.ExperimentsPage />),
  },
});

const deliveryPage = SubPageBlueprint.make({
  attachTo: { id: 'page:evals', input: 'pages' },
  name: 'delivery',
  params: {
    path: 'delivery',
    title: evalsTranslationRef('delivery.title'),
    loader: () =>
      import('./delivery/DeliveryPage').then(m => <m.DeliveryPage />),
  },
});

const scorecardTab = EntityContentBlueprint.make({
  name: 'scorecard',
  params: {
    path: '/scorecard',
    title: evalsTranslationRef('scorecardTab.title'),
    filter: { kind: 'agent' },
    loader: () =>
      import('./scorecard/ScorecardTab').then(m => <m.ScorecardTab />),
  },
});

const evaluationsTab = EntityContentBlueprint.make({
  name: 'evaluations',
  params: {
    path: '/evaluations',
    title: evalsTranslationRef('evaluationsTab.title'),
    filter: { kind: 'agent' },
    loader: () =>
      import('./evaluations/EvaluationsTab').then(m => <m.EvaluationsTab />),
  },
});

/**
 * How good agents are: scorecards, evaluations, reviews, experiments and delivery.
 *
 * @public
 */
export const evalsPlugin = createFrontendPlugin({
  pluginId: 'evals',
  title: 'Quality',
  icon: <RiMedalLine size={20} />,
  info: { packageJson: () => import('../package.json') },
  routes: {
    root: rootRouteRef,
    evaluations: evaluationsRouteRef,
    evaluation: evaluationRouteRef,
    comparison: comparisonRouteRef,
    dataSet: dataSetRouteRef,
    reviews: reviewsRouteRef,
    experiments: experimentsRouteRef,
    experiment: experimentRouteRef,
  },
  externalRoutes: { approvals: approvalsRouteRef, run: runRouteRef },
  extensions: [
    evalsApi,
    qualityPage,
    scorecardsPage,
    evaluationsPage,
    reviewsPage,
    experimentsPage,
    deliveryPage,
    scorecardTab,
    evaluationsTab,
  ],
});
