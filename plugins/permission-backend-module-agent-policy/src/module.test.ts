import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import {
  AuthorizeResult,
  type ConditionalPolicyDecision,
  createPermission,
  type Permission,
  type PermissionCondition,
} from '@backstage/plugin-permission-common';
import type { PolicyQueryUser } from '@backstage/plugin-permission-node';
import { catalogEntityReadPermission } from '@backstage/plugin-catalog-common/alpha';
import {
  budgetWritePermission,
  costReadPermission,
} from '@agentportal/plugin-models-common';
import {
  runCancelPermission,
  runReadPermission,
} from '@agentportal/plugin-orchestration-common';
import {
  type AgentDecisions,
  principalOf,
} from '@agentportal/plugin-agents-node';
import { toolCallPermission } from '@agentportal/plugin-tools-common';
import request from 'supertest';
import permissionPlugin from '@backstage/plugin-permission-backend';
import agentPolicy from '.';
import {
  TOOLS,
  auth,
  orchestration,
  tools,
  userInfo,
} from './__testUtils__/backendParts';
import { AgentPortalPolicy } from './AgentPortalPolicy';
import { readPolicyConfig } from './policyConfig';

/** Only people ask in these tests; agents.test.ts has the others. */
const people = {
  permission: async (_name, credentials, { person }) => {
    const principal = principalOf(credentials);
    return principal.type === 'user'
      ? person(principal.userEntityRef)
      : { result: AuthorizeResult.DENY };
  },
} satisfies Partial<AgentDecisions> as unknown as AgentDecisions;

describe('the policy in the permission backend', () => {
  let backend: Awaited<ReturnType<typeof startTestBackend>>;

  beforeAll(async () => {
    backend = await startTestBackend({
      features: [
        permissionPlugin,
        agentPolicy,
        orchestration,
        tools,
        userInfo,
        auth,
        mockServices.rootConfig.factory({
          data: {
            permission: {
              enabled: true,
              agentPortal: {
                adminRefs: ['group:default/platform'],
                allowedPermissions: ['kubernetes.proxy'],
              },
            },
          },
        }),
      ],
    });
  });

  afterAll(() => backend.stop());

  async function decide(
    user: string,
    permission: Permission,
    resourceRef?: string,
  ): Promise<string> {
    const response = await request(backend.server)
      .post('/api/permission/authorize')
      .set(
        'authorization',
        // As a plugin asks on behalf of a person.
        `Bearer ${mockCredentials.user.token(user, {
          actor: { subject: 'plugin:portal' },
        })}`,
      )
      .send({ items: [{ id: '1', permission, resourceRef }] });
    expect(response.status).toBe(200);
    return response.body.items[0].result;
  }

  const callable = async (user: string) => {
    const allowed = [];
    for (const tool of Object.keys(TOOLS)) {
      if ((await decide(user, toolCallPermission, tool)) === 'ALLOW') {
        allowed.push(tool);
      }
    }
    return allowed;
  };

  it('lets a guest call only tools that read or write our own data', async () => {
    const harmless = ['orders.find_order', 'orders.add_note'];
    expect(await callable('user:default/guest')).toEqual(harmless);
    expect(await callable('user:default/stranger')).toEqual(harmless);
  });

  it('lets a member call every tool that is not forbidden', async () => {
    expect(await callable('user:default/dana')).toEqual([
      'orders.find_order',
      'orders.add_note',
      'logistics.send_parcel',
      'finance.wipe_ledger',
    ]);
  });

  it('shows a run to who started it and to who owns its agent', async () => {
    const dana = 'user:default/dana';
    expect(await decide(dana, runReadPermission, 'of-dana')).toBe('ALLOW');
    expect(await decide(dana, runReadPermission, 'of-orders')).toBe('ALLOW');
    expect(await decide(dana, runReadPermission, 'of-others')).toBe('DENY');
    const admin = 'user:default/omar';
    expect(await decide(admin, runReadPermission, 'of-others')).toBe('DENY');
  });

  it('shows a guest own runs alone, also of agents of its group', async () => {
    const guest = 'user:default/guest';
    for (const permission of [runReadPermission, runCancelPermission]) {
      expect(await decide(guest, permission, 'of-orders')).toBe('ALLOW');
      expect(await decide(guest, permission, 'of-dana')).toBe('DENY');
      expect(await decide(guest, permission, 'of-care')).toBe('DENY');
    }
  });

  it('shows a guest what own calls cost, and a member those of own agents too', async () => {
    const costs = { permission: costReadPermission };
    const policy = new AgentPortalPolicy({
      config: readPolicyConfig(mockServices.rootConfig()),
      logger: mockServices.logger.mock(),
      decisions: people,
      userInfo: {
        getUserInfo: async () => ({
          userEntityRef: '',
          ownershipEntityRefs: ['group:default/orders'],
        }),
      },
    });
    const rulesFor = async (ref: string) => {
      const decision = (await policy.handle(costs, {
        credentials: mockCredentials.user(ref),
      } as PolicyQueryUser)) as ConditionalPolicyDecision;
      const { anyOf } = decision.conditions as {
        anyOf: PermissionCondition[];
      };
      return anyOf.map(({ rule, params }) => ({ rule, params }));
    };
    const made = (userRef: string) => ({
      rule: 'IS_CALL_USER',
      params: { userRef },
    });
    expect(await rulesFor('user:default/guest')).toEqual([
      made('user:default/guest'),
    ]);
    expect(await rulesFor('user:default/dana')).toEqual([
      made('user:default/dana'),
      {
        rule: 'IS_CALL_OWNER',
        params: { claims: ['user:default/dana', 'group:default/orders'] },
      },
    ]);
  });

  it('denies what is asked for about nothing, or about something else', async () => {
    const { name, attributes } = budgetWritePermission;
    const basic: Permission = { type: 'basic', name, attributes };
    expect(await decide('user:default/dana', basic)).toBe('DENY');
    const other: Permission = {
      type: 'resource',
      name,
      attributes,
      resourceType: 'tools-tool',
    };
    expect(await decide('user:default/dana', other, 'x')).toBe('DENY');
    expect(await decide('user:default/omar', basic)).toBe('ALLOW');
  });

  it('denies everything to a request without a user', async () => {
    const policy = new AgentPortalPolicy({
      config: readPolicyConfig(mockServices.rootConfig()),
      logger: mockServices.logger.mock(),
      decisions: people,
      userInfo: mockServices.userInfo(),
    });
    const decision = await policy.handle({
      permission: catalogEntityReadPermission,
    });
    expect(decision.result).toBe('DENY');
  });

  it('leaves nothing that deletes to a guest, known or not', async () => {
    const unknown = createPermission({
      name: 'acme.thing.delete',
      attributes: { action: 'delete' },
    });
    const location = createPermission({
      name: 'catalog.location.delete',
      attributes: { action: 'delete' },
    });
    expect(await decide('user:default/guest', unknown)).toBe('DENY');
    expect(await decide('user:default/guest', location)).toBe('DENY');
    expect(await decide('user:default/dana', location)).toBe('DENY');
    expect(await decide('user:default/omar', location)).toBe('ALLOW');
  });

  it('denies what it does not know, but for reading and what is configured', async () => {
    const reading = createPermission({
      name: 'acme.thing.read',
      attributes: { action: 'read' },
    });
    const acting = createPermission({ name: 'acme.thing.use', attributes: {} });
    const named = createPermission({
      name: 'kubernetes.proxy',
      attributes: {},
    });
    const dana = 'user:default/dana';
    expect(await decide(dana, reading)).toBe('ALLOW');
    expect(await decide(dana, acting)).toBe('DENY');
    expect(await decide(dana, named)).toBe('ALLOW');
    expect(await decide('user:default/omar', acting)).toBe('ALLOW');
    expect(await decide('user:default/guest', reading)).toBe('DENY');
  });
});
