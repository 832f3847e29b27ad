import {
  coreServices,
  createBackendPlugin,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import {
  createPermissionResourceRef,
  createPermissionRule,
} from '@backstage/plugin-permission-node';
import { orchestrationPermissions } from '@agentportal/plugin-orchestration-common';
import { toolsPermissions } from '@agentportal/plugin-tools-common';
import { z } from 'zod/v4';

const GROUPS: Record<string, string[]> = {
  'user:default/guest': ['group:default/customer-care'],
  'user:default/dana': ['group:default/orders'],
  'user:default/omar': ['group:default/platform'],
  'user:default/stranger': [],
};

const RUNS: Record<string, { createdBy: string; agentOwner: string }> = {
  'of-dana': {
    createdBy: 'user:default/dana',
    agentOwner: 'group:default/people',
  },
  'of-orders': {
    createdBy: 'user:default/guest',
    agentOwner: 'group:default/orders',
  },
  'of-care': {
    createdBy: 'user:default/dana',
    agentOwner: 'group:default/customer-care',
  },
  'of-others': {
    createdBy: 'user:default/guest',
    agentOwner: 'group:default/people',
  },
};

export const TOOLS: Record<string, { riskTier: string }> = {
  'orders.find_order': { riskTier: 'read' },
  'orders.add_note': { riskTier: 'write' },
  'logistics.send_parcel': { riskTier: 'external' },
  'finance.wipe_ledger': { riskTier: 'critical' },
  'finance.never': { riskTier: 'forbidden' },
};

// The rules as the backends define them; only their names and parameters are
// agreed between the packages.
const runRef = createPermissionResourceRef<
  { createdBy: string; agentOwner: string },
  {}
>().with({ pluginId: 'orchestration', resourceType: 'orchestration-run' });

export const orchestration = createBackendPlugin({
  pluginId: 'orchestration',
  register(env) {
    env.registerInit({
      deps: { registry: coreServices.permissionsRegistry },
      async init({ registry }) {
        registry.addResourceType({
          resourceRef: runRef,
          permissions: orchestrationPermissions.filter(
            p => p.resourceType === 'orchestration-run',
          ),
          rules: [
            createPermissionRule({
              name: 'IS_RUN_CREATOR',
              description: 'Started by the user',
              resourceRef: runRef,
              paramsSchema: z.object({ userRef: z.string() }),
              apply: (run, { userRef }) => run.createdBy === userRef,
              toQuery: () => ({}),
            }),
            createPermissionRule({
              name: 'IS_RUN_AGENT_OWNER',
              description: 'The agent has one of the owners',
              resourceRef: runRef,
              paramsSchema: z.object({ claims: z.array(z.string()) }),
              apply: (run, { claims }) => claims.includes(run.agentOwner),
              toQuery: () => ({}),
            }),
          ],
          getResources: async refs => refs.map(ref => RUNS[ref]),
        });
      },
    });
  },
});

const toolRef = createPermissionResourceRef<{ riskTier: string }, {}>().with({
  pluginId: 'tools',
  resourceType: 'tools-tool',
});

export const tools = createBackendPlugin({
  pluginId: 'tools',
  register(env) {
    env.registerInit({
      deps: { registry: coreServices.permissionsRegistry },
      async init({ registry }) {
        registry.addResourceType({
          resourceRef: toolRef,
          permissions: toolsPermissions.filter(
            p => p.type === 'resource' && p.resourceType === 'tools-tool',
          ),
          rules: [
            createPermissionRule({
              name: 'HAS_RISK_TIER',
              description: 'Of one of the risk tiers',
              resourceRef: toolRef,
              paramsSchema: z.object({ tiers: z.array(z.string()) }),
              apply: (tool, { tiers }) => tiers.includes(tool.riskTier),
              toQuery: () => ({}),
            }),
          ],
          getResources: async refs => refs.map(ref => TOOLS[ref]),
        });
      },
    });
  },
});

export const userInfo = createServiceFactory({
  service: coreServices.userInfo,
  deps: {},
  factory: () => ({
    async getUserInfo(credentials) {
      const { userEntityRef } = credentials.principal as {
        userEntityRef: string;
      };
      return {
        userEntityRef,
        ownershipEntityRefs: [userEntityRef, ...(GROUPS[userEntityRef] ?? [])],
      };
    },
  }),
});

// The mock forgets which plugin acts for a person; the real service does not,
// and the end points that evaluate conditions insist on it.
export const auth = createServiceFactory({
  service: coreServices.auth,
  deps: { plugin: coreServices.pluginMetadata },
  factory({ plugin }) {
    const service = mockServices.auth({ pluginId: plugin.getId() });
    const issue = service.getPluginRequestToken.bind(service);
    service.getPluginRequestToken = async options => {
      const principal = options.onBehalfOf.principal as {
        type?: string;
        userEntityRef: string;
      };
      return principal.type === 'user'
        ? {
            token: mockCredentials.user.token(principal.userEntityRef, {
              actor: { subject: `plugin:${plugin.getId()}` },
            }),
          }
        : issue(options);
    };
    return service;
  },
});
