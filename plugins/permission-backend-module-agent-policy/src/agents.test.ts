// The policy, the agents plugin and a plugin that nobody of us wrote, over HTTP.
/* eslint-disable @backstage/no-mixed-plugin-imports */
import agentsPlugin from '@agentportal/plugin-agents-backend';
import { identityClientOf } from '@agentportal/plugin-agents-node/testUtils';
import { runReadPermission } from '@agentportal/plugin-orchestration-common';
import { toolCallPermission } from '@agentportal/plugin-tools-common';
import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { catalogEntityReadPermission } from '@backstage/plugin-catalog-common/alpha';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import permissionPlugin from '@backstage/plugin-permission-backend';
import {
  createPermission,
  type Permission,
} from '@backstage/plugin-permission-common';
import request from 'supertest';
import agentPolicy from '.';
import { auth, orchestration, tools } from './__testUtils__/backendParts';

jest.setTimeout(60_000);

const DANA = 'user:default/dana';
const GUEST = 'user:default/guest';

function agent(name: string, spec: object = {}): Entity {
  return {
    apiVersion: 'agentportal.dev/v1alpha1',
    kind: 'Agent',
    metadata: { name },
    spec: {
      type: 'assistant',
      lifecycle: 'production',
      owner: 'group:default/orders',
      sponsor: DANA,
      autonomy: 'autopilot',
      ...spec,
    },
  };
}

/** Ownership as the auth plugin tells it. */
const ownership: Record<string, string[]> = {};
/** For whom delegations are, by id. */
const people: Record<string, string> = {};

/** The part of the auth plugin that tells it of delegations. */
const ownershipOfDelegations = createBackendPlugin({
  pluginId: 'auth',
  register(env) {
    env.registerInit({
      deps: { httpRouter: coreServices.httpRouter },
      async init({ httpRouter }) {
        // GET /agent/delegations/:id/ownership
        httpRouter.use((req, res) => {
          const ref = people[req.path.split('/')[3]];
          res.json({
            userEntityRef: ref,
            ownershipEntityRefs: ownership[ref] ?? [ref],
          });
        });
      },
    });
  },
});

describe('agents before the policy', () => {
  let backend: Awaited<ReturnType<typeof startTestBackend>>;
  let identities: ReturnType<typeof identityClientOf>;

  beforeAll(async () => {
    backend = await startTestBackend({
      features: [
        permissionPlugin,
        agentPolicy,
        agentsPlugin,
        orchestration,
        tools,
        auth,
        ownershipOfDelegations,
        catalogServiceMock.factory({
          entities: [
            agent('desk'),
            agent('clock', { identity: 'own' }),
            {
              apiVersion: 'backstage.io/v1alpha1',
              kind: 'User',
              metadata: { name: 'dana' },
              spec: { memberOf: ['orders'] },
              relations: [
                { type: 'memberOf', targetRef: 'group:default/orders' },
              ],
            },
          ],
        }),
        mockServices.userInfo.mock({
          getUserInfo: async credentials => {
            const { userEntityRef } = (credentials as any).principal;
            return {
              userEntityRef,
              ownershipEntityRefs: ownership[userEntityRef] ?? [userEntityRef],
            };
          },
        }).factory,
        mockServices.rootConfig.factory({
          data: {
            permission: { enabled: true },
            backend: {
              database: { client: 'better-sqlite3', connection: ':memory:' },
            },
          },
        }),
      ],
    });
    identities = identityClientOf(backend.server);
    ownership[DANA] = [DANA, 'group:default/orders'];
  });

  afterAll(() => backend.stop());

  /** A delegation, and for whom it is. */
  async function delegate(personRef: string, agentRef = 'agent:default/desk') {
    const delegation = await identities.client.createDelegation(
      {
        agentRef,
        personRef,
        startedBy: personRef,
        taskId: 'run-1',
        expiresAt: new Date(Date.now() + 600_000).toISOString(),
      },
      identities.by,
    );
    people[delegation.id] = personRef;
    return delegation;
  }

  async function decide(
    subject: string,
    permission: Permission,
    resourceRef?: string,
  ): Promise<string> {
    const response = await request(backend.server)
      .post('/api/permission/authorize')
      .set(
        'authorization',
        `Bearer ${mockCredentials.user.token(subject, {
          actor: { subject: 'plugin:portal' },
        })}`,
      )
      .send({ items: [{ id: '1', permission, resourceRef }] })
      .expect(200);
    return response.body.items[0].result;
  }

  const call = (subject: string, tool: string) =>
    decide(subject, toolCallPermission, tool);

  it('an agent that acts for itself has what the table gives agents', async () => {
    const clock = 'agent:default/clock';
    const component = 'component:default/x';
    expect(await decide(clock, catalogEntityReadPermission, component)).toBe(
      'ALLOW',
    );
    expect(await decide(clock, runReadPermission, 'of-orders')).toBe('DENY');
    expect(await call(clock, 'logistics.send_parcel')).toBe('ALLOW');
    expect(await call(clock, 'finance.never')).toBe('DENY');
    // This one acts only for people, whoever shows its name.
    expect(
      await decide(
        'agent:default/desk',
        catalogEntityReadPermission,
        component,
      ),
    ).toBe('DENY');
    expect(
      await decide(
        'agent:default/none',
        catalogEntityReadPermission,
        component,
      ),
    ).toBe('DENY');
  });

  it('for a person it may what both may, and nothing that one alone may', async () => {
    const forDana = (await delegate(DANA)).ref;
    const forGuest = (await delegate(GUEST)).ref;
    // Both may.
    expect(await call(forDana, 'logistics.send_parcel')).toBe('ALLOW');
    // The agent may, the person may not.
    expect(await call(GUEST, 'logistics.send_parcel')).toBe('DENY');
    expect(await call(forGuest, 'logistics.send_parcel')).toBe('DENY');
    expect(await call(forGuest, 'orders.add_note')).toBe('ALLOW');
    // The person may, the agent may not.
    expect(await decide(DANA, runReadPermission, 'of-dana')).toBe('ALLOW');
    expect(await decide(forDana, runReadPermission, 'of-dana')).toBe('DENY');
    const unknown = createPermission({
      name: 'acme.thing.read',
      attributes: { action: 'read' },
    });
    expect(await decide(DANA, unknown)).toBe('ALLOW');
    expect(await decide(forDana, unknown)).toBe('DENY');
  });

  it('a delegation that has ended, or was never written, gives nothing', async () => {
    const delegation = await delegate(DANA);
    expect(await call(delegation.ref, 'orders.find_order')).toBe('ALLOW');
    await identities.client.endDelegation(
      delegation.id,
      'Enough.',
      identities.by,
    );
    const deadline = Date.now() + 5_000;
    let result = 'ALLOW';
    while (result === 'ALLOW' && Date.now() < deadline) {
      result = await call(delegation.ref, 'orders.find_order');
    }
    expect(result).toBe('DENY');
    const forged = 'delegation:default/6f1c2f0e-6a53-4b6c-9a56-0d7f3f0d9a11';
    expect(await call(forged, 'orders.find_order')).toBe('DENY');
  });
});
