import { NoSuchTab } from '@agentportal/plugin-agents-react';
import {
  ApiBlueprint,
  coreApis,
  coreExtensionData,
  createFrontendPlugin,
  PageBlueprint,
  SubPageBlueprint,
} from '@backstage/frontend-plugin-api';
import {
  auditErasePermission,
  auditHoldPermission,
  auditViewPermission,
  GovernanceClient,
} from '@agentportal/plugin-governance-common';
import {
  agentsRuleReadPermission,
  RuleTextsClient,
} from '@agentportal/plugin-agents-common';
import { RiShieldCheckLine } from '@remixicon/react';
import { governanceApiRef } from './api/governanceApiRef';
import { ruleTextsApiRef } from './api/ruleTextsApiRef';
import { rootRouteRef, runRouteRef } from './routes';
import { governanceTranslationRef } from './translation';

const PATH = '/audit';

const may = (permission: {
  name: string;
  attributes: { action?: string };
}) => ({
  permissions: {
    $contains: `${permission.name}#${permission.attributes.action}`,
  },
});

const governanceApi = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: governanceApiRef,
      deps: { discoveryApi: coreApis.discovery, fetchApi: coreApis.fetch },
      factory: deps => new GovernanceClient(deps),
    }),
});

const ruleTextsApi = ApiBlueprint.make({
  name: 'rule-texts',
  params: defineParams =>
    defineParams({
      api: ruleTextsApiRef,
      deps: { discoveryApi: coreApis.discovery, fetchApi: coreApis.fetch },
      factory: deps => new RuleTextsClient(deps),
    }),
});

const auditPage = PageBlueprint.makeWithOverrides({
  if: may(auditViewPermission),
  *factory(originalFactory, { inputs }) {
    const page = originalFactory({
      path: PATH,
      title: governanceTranslationRef('page.title'),
      icon: <RiShieldCheckLine size={20} />,
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
          refused={{
            keeping: 'Keeping and erasing entries is not for you to decide',
            rules: 'The rules are not for you to read',
          }}
        />
      </>,
    );
  },
});

// Without a route it is in no navigation; it answers who has the address.
const refusedPage = PageBlueprint.make({
  name: 'refused',
  if: { $not: may(auditViewPermission) },
  params: {
    path: PATH,
    title: governanceTranslationRef('page.title'),
    icon: <RiShieldCheckLine size={20} />,
    loader: () => import('./refused/Refused').then(m => <m.Refused />),
  },
});

// The tabs of a page are shown in the order of the list of extensions below.
const entriesPage = SubPageBlueprint.make({
  attachTo: { id: 'page:governance', input: 'pages' },
  name: 'entries',
  params: {
    path: 'entries',
    title: governanceTranslationRef('entries.title'),
    loader: () => import('./entries/EntriesPage').then(m => <m.EntriesPage />),
  },
});

const rulesPage = SubPageBlueprint.make({
  attachTo: { id: 'page:governance', input: 'pages' },
  name: 'rules',
  if: may(agentsRuleReadPermission),
  params: {
    path: 'rules',
    title: governanceTranslationRef('rules.title'),
    loader: () => import('./rules/RulesPage').then(m => <m.RulesPage />),
  },
});

const keepingPage = SubPageBlueprint.make({
  attachTo: { id: 'page:governance', input: 'pages' },
  name: 'keeping',
  if: { $any: [may(auditHoldPermission), may(auditErasePermission)] },
  params: {
    path: 'keeping',
    title: governanceTranslationRef('keeping.title'),
    loader: () => import('./keeping/KeepingPage').then(m => <m.KeepingPage />),
  },
});

/**
 * The audit log: what was done, who decided it and why, and the proof; and the rules that
 * decide about tool calls.
 *
 * @public
 */
export const governancePlugin = createFrontendPlugin({
  pluginId: 'governance',
  title: 'Audit',
  icon: <RiShieldCheckLine size={20} />,
  info: { packageJson: () => import('../package.json') },
  extensions: [
    governanceApi,
    ruleTextsApi,
    auditPage,
    refusedPage,
    entriesPage,
    rulesPage,
    keepingPage,
  ],
  routes: { root: rootRouteRef },
  externalRoutes: { run: runRouteRef },
});
