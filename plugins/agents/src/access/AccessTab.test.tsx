import {
  AgentsClient,
  ApprovalsClient,
} from '@agentportal/plugin-agents-common';
import { approvalsApiRef } from '@agentportal/plugin-agents-react';
import type { AgentAccess } from '@agentportal/plugin-agents-common';
import { ModelsClient } from '@agentportal/plugin-models-common';
import { OrchestrationClient } from '@agentportal/plugin-orchestration-common';
import { ToolsClient } from '@agentportal/plugin-tools-common';
import type { Entity } from '@backstage/catalog-model';
import { coreApis, createRouteRef } from '@backstage/frontend-plugin-api';
import { renderInTestApp } from '@backstage/frontend-test-utils';
import {
  EntityProvider,
  catalogApiRef,
  entityRouteRef,
} from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import {
  permissionApiRef,
  type PermissionApi,
} from '@backstage/plugin-permission-react';
import { registerMswTestHooks } from '@backstage/test-utils';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import type { ReactElement } from 'react';
import { agentActivityApiRef, agentsApiRef } from '../api';
import { DefaultAgentActivity } from '../api/DefaultAgentActivity';
import { SettingsTab } from '../settings/SettingsTab';
import { AccessTab } from './AccessTab';

type Answer = Awaited<ReturnType<PermissionApi['authorize']>>;

const BASE = 'http://portal.test/api';
const AGENT_URL = `${BASE}/agents/agents/default/order-desk`;
const OWNER = 'group:default/care';
const server = setupServer();
registerMswTestHooks(server);

const AGENT: Entity = {
  apiVersion: 'agentportal.dev/v1alpha1',
  kind: 'Agent',
  metadata: { name: 'order-desk', namespace: 'default', title: 'Order Desk' },
  spec: {
    type: 'assistant',
    lifecycle: 'production',
    owner: OWNER,
    autonomy: 'supervised',
  },
};
/** What was answered about one agent is remembered, so the refused one is another. */
const OTHERS: Entity = {
  ...AGENT,
  metadata: { ...AGENT.metadata, name: 'order-desk-of-others' },
};
const CARE: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Group',
  metadata: { name: 'care', title: 'Customer Care' },
  spec: { type: 'team', children: [] },
};
const DANA: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'User',
  metadata: { name: 'dana' },
  spec: { profile: { displayName: 'Dana Weiss' } },
};

function accessOf(changes: Partial<AgentAccess> = {}): AgentAccess {
  return {
    agent: {
      agentRef: 'agent:default/order-desk',
      title: 'Order Desk',
      state: 'active',
      identity: 'own',
      inOwnName: { allowed: true },
      sponsorRef: 'user:default/dana',
      autonomy: 'supervised',
      tools: ['tool:default/orders.refund', 'tool:default/orders.find'],
      grants: [],
    },
    canManage: { credentials: true, suspension: true, grants: false },
    statements: [
      {
        kind: 'state',
        allowed: true,
        sentence: 'Order Desk may act.',
        source: 'portal',
      },
      {
        kind: 'tool',
        subject: 'tool:default/orders.refund',
        riskTier: 'critical',
        allowed: false,
        sentence:
          'tool:default/orders.refund is critical, which supervised does not cover.',
        approval:
          'With the approval of one of group:default/care, each call by itself.',
        source: 'entity',
        by: OWNER,
      },
      {
        kind: 'tool',
        subject: 'tool:default/orders.find',
        riskTier: 'read',
        allowed: true,
        sentence: 'Order Desk declares tool:default/orders.find.',
        source: 'entity',
        by: OWNER,
      },
      {
        kind: 'grant',
        subject: 'catalog.location.read',
        allowed: true,
        sentence:
          'user:default/dana gave Order Desk the permission catalog.location.read: Nightly check',
        source: 'portal',
        by: 'user:default/dana',
        since: '2026-11-20T10:00:00Z',
      },
    ],
    ...changes,
  };
}

/** What was asked of the backend, besides reading. */
let sent: { asks: string; body: unknown }[];
/** How often it was asked what the agent may do. */
let reads: number;

function record(
  method: 'post' | 'put' | 'delete',
  path: string,
  answer: () => object,
) {
  return http[method](`${BASE}/agents${path}`, async ({ request }) => {
    const text = await request.text();
    sent.push({
      asks: `${request.method} ${new URL(request.url).pathname.slice(11)}`,
      body: text ? JSON.parse(text) : undefined,
    });
    return HttpResponse.json(answer());
  });
}

const CREDENTIAL = {
  id: 'c1',
  agentRef: 'agent:default/order-desk',
  kind: 'secret',
  title: 'Nightly check',
  state: 'active',
  ending: 'x7Qa',
  createdBy: 'user:default/dana',
  createdAt: '2026-11-01T10:00:00Z',
  expiresAt: '2027-01-30T10:00:00Z',
  rotateBefore: '2027-01-16T10:00:00Z',
};

const GRANT = {
  id: 'g1',
  agentRef: 'agent:default/order-desk',
  permission: 'catalog.location.read',
  state: 'active',
  grantedBy: 'user:default/dana',
  reason: 'Nightly check of user:default/dana',
  createdAt: '2026-11-20T10:00:00Z',
};

async function open(options: {
  tab?: ReactElement;
  access?: AgentAccess;
  credentials?: object[];
  grants?: object[];
  controls?: object[];
  delegations?: object[];
  decision?: object;
  /** Whether the policy says that the person may not read it. */
  isRefused?: boolean;
}) {
  sent = [];
  reads = 0;
  let grants = options.grants ?? [];
  const asked: object[] = [];
  let access = options.access ?? accessOf();
  server.use(
    http.get(`${AGENT_URL}/access`, () => {
      reads += 1;
      return HttpResponse.json(access);
    }),
    http.get(`${AGENT_URL}/credentials`, () =>
      HttpResponse.json({ items: options.credentials ?? [] }),
    ),
    http.get(`${AGENT_URL}/delegations`, () =>
      HttpResponse.json({ items: options.delegations ?? [] }),
    ),
    http.get(`${BASE}/tools/tools/:name`, () =>
      HttpResponse.json({
        ref: 'tool:default/orders.refund',
        name: 'orders.refund',
        status: 'available',
        inputSchema: {
          type: 'object',
          required: ['orderId'],
          properties: {
            orderId: { type: 'string' },
            amountEur: { type: 'number' },
          },
        },
      }),
    ),
    record('post', '/agents/default/order-desk/suspend', () => {
      access = accessOf({
        agent: { ...access.agent, state: 'suspended', reason: 'Stopped' },
        suspended: {
          at: new Date().toISOString(),
          by: 'user:default/dana',
          reason: 'Refunds look odd',
        },
      });
      return access.agent;
    }),
    record('post', '/agents/default/order-desk/resume', () => access.agent),
    http.get(`${AGENT_URL}/controls`, () =>
      HttpResponse.json({ items: options.controls ?? [] }),
    ),
    http.get(`${AGENT_URL}/grantable-permissions`, () =>
      HttpResponse.json({
        items: ['catalog.entity.refresh', 'catalog.location.read'].map(
          permission => ({ permission, pluginId: 'catalog' }),
        ),
      }),
    ),
    http.get(`${AGENT_URL}/grants`, () => HttpResponse.json({ items: grants })),
    http.get(`${BASE}/agents/approvals`, () =>
      HttpResponse.json({ items: asked }),
    ),
    http.post(`${BASE}/agents/approvals/access`, async ({ request }) => {
      const { permission } = (await request.json()) as { permission: string };
      asked.push({
        id: 'r1',
        kind: 'access',
        status: 'pending',
        permission,
        requestedAt: new Date().toISOString(),
        requestedBy: 'user:default/dana',
        askedOf: ['group:default/care', 'user:default/tess'],
      });
      return HttpResponse.json(
        { id: 'r1', status: 'pending', askedOf: [] },
        { status: 201 },
      );
    }),
    record('post', '/agents/default/order-desk/grants', () => {
      grants = [GRANT];
      return GRANT;
    }),
    record('delete', '/agents/default/order-desk/grants/g1', () => {
      grants = [{ ...GRANT, state: 'revoked', revokedAt: GRANT.createdAt }];
      return {};
    }),
    record('post', '/agents/default/order-desk/credentials', () => ({
      credential: CREDENTIAL,
      secret: 'aps_made-just-now',
    })),
    record('delete', '/agents/default/order-desk/credentials/c1', () => ({})),
    record('post', '/decisions', () => ({ items: [options.decision] })),
  );
  const connection = {
    discoveryApi: {
      getBaseUrl: async (pluginId: string) => `${BASE}/${pluginId}`,
    },
    fetchApi: { fetch: (...args: Parameters<typeof fetch>) => fetch(...args) },
  };
  return renderInTestApp(
    <EntityProvider entity={options.isRefused ? OTHERS : AGENT}>
      {options.tab ?? <AccessTab />}
    </EntityProvider>,
    {
      mountedRoutes: {
        '/catalog/:namespace/:kind/:name': entityRouteRef,
        '/elsewhere': createRouteRef(),
      },
      apis: [
        [coreApis.discovery, connection.discoveryApi],
        [coreApis.fetch, connection.fetchApi],
        [
          permissionApiRef,
          {
            authorize: async () =>
              ({ result: options.isRefused ? 'DENY' : 'ALLOW' } as Answer),
          },
        ],
        [catalogApiRef, catalogApiMock({ entities: [AGENT, CARE, DANA] })],
        [agentsApiRef, new AgentsClient(connection)],
        [approvalsApiRef, new ApprovalsClient(connection)],
        [
          agentActivityApiRef,
          new DefaultAgentActivity({
            runs: new OrchestrationClient(connection),
            models: new ModelsClient(connection),
            tools: new ToolsClient(connection),
          }),
        ],
      ],
    },
  );
}

const part = (name: string) => screen.findByRole('region', { name });

describe('the Access page of an agent', () => {
  it('says what it may do, why and by whose decision, in names', async () => {
    await open({});
    const tools = await part('Tools');
    const lines = within(tools).getAllByRole('listitem');
    // The mildest come first.
    expect(lines[0]).toHaveTextContent('Order Desk declares orders.find.');
    expect(lines[1]).toHaveTextContent('orders.refund is critical');
    expect(
      within(lines[1]).getByRole('img', { name: 'After an approval' }),
    ).toBeVisible();
    expect(lines[1]).toHaveTextContent(
      'With the approval of one of Customer Care, each call by itself.',
    );
    // Once, not beside each thing.
    const all = await part('What it may do');
    expect(
      all.textContent!.match(/in its file, which is kept by Customer Care/g),
    ).toHaveLength(1);
    expect(await part('State')).toHaveTextContent(
      'May actDana Weiss answers for it.',
    );
    expect(document.body).not.toHaveTextContent(/(tool|user|group):default/);
  });

  it('says on top that it is suspended, and marks nothing as allowed meanwhile', async () => {
    const { agent, statements } = accessOf();
    await open({
      access: accessOf({
        agent: { ...agent, state: 'suspended' },
        statements: statements.map(each => ({
          ...each,
          allowed: false,
          ...(each.kind === 'state' && {
            sentence: 'Order Desk was suspended by user:default/dana: Odd.',
            by: 'user:default/dana',
            since: '2026-11-20T10:00:00Z',
          }),
        })),
      }),
    });
    await part('Tools');
    const may = await part('What it may do');
    expect(may).toHaveTextContent(
      /Nothing nowWhat follows holds when it may act again\./,
    );
    expect(within(may).queryByRole('img', { name: 'Allowed' })).toBeNull();
    expect(within(may).getAllByRole('img', { name: 'Not now' })).toHaveLength(
      2,
    );
  });

  it('names the rules about a tool beside it, and does not mark it as simply allowed', async () => {
    const { statements } = accessOf();
    const rule = { by: 'user:default/dana', since: '2026-11-20T10:00:00Z' };
    await open({
      access: accessOf({
        statements: statements.map(each =>
          each.subject === 'tool:default/orders.find'
            ? {
                ...each,
                rules: [
                  {
                    ruleId: 'portal/walk#inquiry',
                    mode: 'enforce',
                    reason: 'No inquiries.',
                    ...rule,
                  },
                  {
                    ruleId: 'portal/walk#night',
                    mode: 'log',
                    reason: 'It is late.',
                    ...rule,
                  },
                ],
              }
            : each,
        ),
      }),
    });
    const [find] = within(await part('Tools')).getAllByRole('listitem');
    expect(
      within(find).getByRole('img', {
        name: 'Allowed, but for what rules refuse',
      }),
    ).toBeVisible();
    expect(find).toHaveTextContent(
      /Enforced portal\/walk#inquiry: No inquiries\. By Dana Weiss, .*Log only portal\/walk#night: It is late\./,
    );
  });

  it('suspends only with a reason, and then says who did and why', async () => {
    await open({});
    await userEvent.click(
      await screen.findByRole('button', { name: 'Suspend' }),
    );
    const dialog = await screen.findByRole('dialog', {
      name: 'Suspend Order Desk?',
    });
    expect(dialog).toHaveTextContent('stop within five seconds');
    const suspend = within(dialog).getByRole('button', {
      name: 'Suspend Order Desk',
    });
    expect(suspend).toBeDisabled();
    await userEvent.type(
      within(dialog).getByRole('textbox', { name: /Why/ }),
      'Refunds look odd',
    );
    await userEvent.click(suspend);
    await waitFor(() =>
      expect(screen.getByRole('region', { name: 'State' })).toHaveTextContent(
        'Suspended by Dana Weiss just now: Refunds look odd',
      ),
    );
    expect(sent).toEqual([
      {
        asks: 'POST /agents/default/order-desk/suspend',
        body: { reason: 'Refunds look odd' },
      },
    ]);
    expect(screen.queryByRole('button', { name: 'Suspend' })).toBeNull();
    expect(screen.getByRole('button', { name: 'Resume' })).toBeVisible();
  });

  it('lets an orphaned agent go on only for who answers for it', async () => {
    const { agent } = accessOf();
    await open({
      access: accessOf({
        agent: { ...agent, state: 'orphaned', reason: 'It has no sponsor.' },
        orphaned: {
          since: '2026-11-01T00:00:00Z',
          sponsorRef: 'user:default/dana',
          graceEndsAt: '2026-11-08T00:00:00Z',
        },
      }),
    });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Answer for it' }),
    );
    const dialog = await screen.findByRole('dialog');
    await userEvent.type(
      within(dialog).getByRole('textbox', { name: /Why/ }),
      'I take it over',
    );
    const resume = within(dialog).getByRole('button', {
      name: 'Answer for Order Desk',
    });
    expect(resume).toBeDisabled();
    await userEvent.click(within(dialog).getByRole('checkbox'));
    await userEvent.click(resume);
    await waitFor(() =>
      expect(sent).toEqual([
        {
          asks: 'POST /agents/default/order-desk/resume',
          body: {
            reason: 'I take it over',
            sponsorRef: expect.stringMatching(/^user:default\//),
          },
        },
      ]),
    );
  });

  it('tells whether a call could be made, and which rules decided', async () => {
    await open({
      decision: {
        allowed: false,
        reason: 'Refunds are 200 EUR at most.',
        ruleIds: ['refund-limit'],
        logOnly: [{ ruleId: 'office-hours', reason: 'It is late.' }],
      },
    });
    await userEvent.type(
      await screen.findByRole('textbox', { name: /orderId/ }),
      'NH-1',
    );
    const form = await part('Could it …?');
    const amount = within(form).getByRole('textbox', { name: /amountEur/ });
    await userEvent.type(amount, 'much');
    expect(within(form).getByRole('button', { name: 'Ask' })).toBeDisabled();
    await userEvent.clear(amount);
    await userEvent.type(amount, '300');
    await userEvent.click(within(form).getByRole('button', { name: 'Ask' }));
    expect(await within(form).findByText('No, it could not')).toBeVisible();
    expect(form).toHaveTextContent(
      'Refunds are 200 EUR at most.Refused by rule refund-limit, which is enforced.',
    );
    expect(form).toHaveTextContent('Log only: office-hours would refuse it.');
    expect(sent[0].body).toEqual({
      items: [
        {
          agentRef: 'agent:default/order-desk',
          toolRef: 'tool:default/orders.refund',
          personRef: expect.stringMatching(/^user:default\//),
          args: { orderId: 'NH-1', amountEur: 300 },
        },
      ],
    });
    // An answer to another question would be a lie.
    await userEvent.type(amount, '0');
    expect(within(form).queryByText('No, it could not')).toBeNull();
  });

  it('shows a secret once, with how to get a token', async () => {
    await open({});
    await userEvent.click(
      await screen.findByRole('button', { name: 'New credential' }),
    );
    await userEvent.type(
      await screen.findByRole('textbox', { name: /Where is it used/ }),
      'Nightly check',
    );
    await userEvent.click(
      screen.getByRole('button', { name: 'Make the credential' }),
    );
    const secret = await screen.findByLabelText('Secret');
    expect(secret).toHaveTextContent('aps_made-just-now');
    await waitFor(() =>
      expect(screen.getByRole('dialog')).toHaveTextContent(
        `curl ${BASE}/auth/agent/token`,
      ),
    );
    await userEvent.keyboard('{Escape}');
    expect(secret).toBeVisible();
    await userEvent.click(
      screen.getByRole('button', { name: 'I have stored it' }),
    );
    await waitFor(() =>
      expect(document.body).not.toHaveTextContent('aps_made-just-now'),
    );
  });

  it('revokes a credential only after asking', async () => {
    await open({ credentials: [CREDENTIAL] });
    const row = await screen.findByRole('row', { name: /Nightly check/ });
    expect(row).toHaveTextContent('Secret ending in x7Qa');
    expect(row).toHaveTextContent('Never');
    await userEvent.click(
      within(row).getByRole('button', { name: 'Actions on Nightly check' }),
    );
    await userEvent.click(
      await screen.findByRole('menuitem', { name: 'Revoke' }),
    );
    expect(sent).toEqual([]);
    await userEvent.click(
      await screen.findByRole('button', { name: 'Revoke the credential' }),
    );
    await waitFor(() =>
      expect(sent).toEqual([
        {
          asks: 'DELETE /agents/default/order-desk/credentials/c1',
          body: undefined,
        },
      ]),
    );
  });

  it('gives a permission with a reason and an end, and takes it back after asking', async () => {
    await open({
      access: accessOf({
        canManage: { credentials: true, suspension: true, grants: true },
      }),
    });
    const grants = await part('Permissions it was given');
    expect(await within(grants).findByText('It was given none')).toBeVisible();
    await userEvent.click(
      within(grants).getByRole('button', { name: 'Give a permission' }),
    );
    const dialog = await screen.findByRole('dialog');
    const give = within(dialog).getByRole('button', {
      name: 'Give the permission',
    });
    expect(dialog).toHaveTextContent('It may then do so in its own name.');
    await userEvent.type(
      within(dialog).getByRole('combobox', { name: /Permission/ }),
      'location.read',
    );
    await userEvent.click(
      await screen.findByRole('option', { name: 'catalog.location.read' }),
    );
    expect(give).toBeDisabled();
    await userEvent.type(
      within(dialog).getByRole('textbox', { name: /Why/ }),
      'Nightly check',
    );
    await userEvent.click(give);
    const row = await within(grants).findByRole('row', {
      name: /catalog.location.read/,
    });
    expect(row).toHaveTextContent('Nightly check of Dana WeissHoldsDana Weiss');
    await userEvent.click(
      within(row).getByRole('button', { name: /Take catalog.* back/ }),
    );
    await userEvent.click(
      await screen.findByRole('button', { name: 'Take it back' }),
    );
    expect(await within(grants).findByText('Taken back')).toBeVisible();
    expect(sent.map(({ asks }) => asks)).toEqual([
      'POST /agents/default/order-desk/grants',
      'DELETE /agents/default/order-desk/grants/g1',
    ]);
    expect(sent[0].body).toMatchObject({
      permission: 'catalog.location.read',
      reason: 'Nightly check',
      expiresAt: expect.stringMatching(/^20/),
    });
  });

  it('claims no own name for an agent that acts only for a person', async () => {
    const { agent } = accessOf();
    await open({
      access: accessOf({
        agent: { ...agent, identity: 'person' },
        canManage: { credentials: true, suspension: true, grants: true },
      }),
    });
    const grants = await part('Permissions it was given');
    expect(
      await within(grants).findByText(/^Order Desk acts only for a person/),
    ).toBeVisible();
    await userEvent.click(
      within(grants).getByRole('button', { name: 'Give a permission' }),
    );
    expect(await screen.findByRole('dialog')).toHaveTextContent(
      'It acts only for a person',
    );
    expect(document.body).not.toHaveTextContent(/in its own name/i);
  });

  it('says that a permission was asked for, when, and who decides', async () => {
    await open({
      access: accessOf({
        canManage: { credentials: true, suspension: true, grants: false },
      }),
    });
    const grants = await part('Permissions it was given');
    expect(
      await within(grants).findByText(/Ask for what it needs/),
    ).toBeVisible();
    await userEvent.click(
      within(grants).getByRole('button', { name: 'Ask for a permission' }),
    );
    const dialog = await screen.findByRole('dialog');
    await userEvent.type(
      within(dialog).getByRole('textbox', { name: /Permission/ }),
      'catalog.location.read',
    );
    await userEvent.type(
      within(dialog).getByRole('textbox', { name: /Why/ }),
      'Nightly check',
    );
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Ask for it' }),
    );
    expect(await within(grants).findByRole('listitem')).toHaveTextContent(
      /^catalog.location.read was asked for .+ by Dana Weiss. Who decides: Customer Care, tess.$/,
    );
    expect(grants).not.toHaveTextContent('Ask for what it needs');
  });

  it('tells a rotated credential from the next one, also when that was revoked', async () => {
    await open({
      credentials: [
        {
          ...CREDENTIAL,
          id: 'c2',
          ending: 'n3Xt',
          state: 'revoked',
          replacesId: 'c1',
        },
        { ...CREDENTIAL, state: 'replaced', replacedById: 'c2' },
      ],
    });
    const old = await screen.findByRole('row', { name: /…x7Qa/ });
    expect(old).toHaveTextContent('Good until it ends; nothing replaces it');
    expect(
      within(old).getByRole('button', {
        name: 'Actions on Nightly check (…x7Qa)',
      }),
    ).toBeVisible();
    expect(screen.getByRole('row', { name: /…n3Xt/ })).toHaveTextContent(
      'Revoked',
    );
  });

  it('lets an owner take a permission back, but give none', async () => {
    await open({ grants: [GRANT] });
    const grants = await part('Permissions it was given');
    expect(
      await within(grants).findByRole('button', { name: /Take catalog/ }),
    ).toBeVisible();
    expect(
      within(grants).queryByRole('button', { name: 'Give a permission' }),
    ).toBeNull();
  });

  it('says of each limit whether it is enforced, and what was tried', async () => {
    const control = (id: string, enforcement: string, probe: string) => ({
      id,
      sentence: `The limit of ${id}.`,
      enforcement,
      probe,
    });
    await open({
      controls: [
        control('tools', 'enforced', 'Asked for tool:default/orders.find: no.'),
        control('rule', 'log-only', 'It would have refused 3 calls.'),
        control('data', 'declared-only', 'Asked for more: it could.'),
        control('proof', 'unknown', 'Nothing answered.'),
      ],
    });
    const table = within(await part('What holds it to that'));
    const row = (name: RegExp) => table.findByRole('row', { name });
    expect(await row(/limit of tools/)).toHaveTextContent(
      'The limit of tools.EnforcedAsked for orders.find: no.',
    );
    expect(await row(/limit of rule/)).toHaveTextContent('Log only');
    expect(await row(/limit of data/)).toHaveTextContent('Declared only');
    expect(await row(/limit of proof/)).toHaveTextContent('Not known');
  });

  it('says what is under way, for whom and through whom', async () => {
    await open({
      delegations: [
        {
          id: 'd1',
          ref: 'delegation:default/d1',
          agentRef: 'agent:default/order-desk',
          agent: accessOf().agent,
          personRef: 'user:default/dana',
          startedBy: 'user:default/dana',
          taskId: 'run-1',
          chain: ['agent:default/front-desk', 'agent:default/order-desk'],
          autonomy: 'supervised',
          createdAt: new Date().toISOString(),
          expiresAt: '2027-01-01T00:00:00Z',
          state: 'active',
        },
      ],
    });
    expect(
      await screen.findByRole('row', { name: /front-desk.*Order Desk/ }),
    ).toHaveTextContent('Dana Weiss');
  });

  it('offers nothing to who may only read', async () => {
    await open({
      access: accessOf({
        canManage: { credentials: false, suspension: false, grants: false },
      }),
    });
    expect(await part('What it may do')).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Suspend' })).toBeNull();
    expect(screen.queryByRole('region', { name: 'Credentials' })).toBeNull();
  });

  it('tells whom to ask in one calm sentence, and asks for nothing in vain', async () => {
    await open({ isRefused: true });
    expect(await screen.findByRole('note')).toHaveTextContent(
      'What Order Desk may do is for those who own it to see. Ask',
    );
    expect(screen.queryByRole('alert')).toBeNull();
    expect(reads).toBe(0);
  });

  it('tells the same when the backend refuses', async () => {
    const shown = open({});
    server.use(
      http.get(`${AGENT_URL}/access`, () =>
        HttpResponse.json(
          {
            error: { name: 'NotAllowedError', message: 'No.' },
            response: { statusCode: 403 },
          },
          { status: 403 },
        ),
      ),
    );
    await shown;
    expect(await screen.findByRole('note')).toHaveTextContent(
      'What Order Desk may do is for those who own it to see. Ask',
    );
  });

  it('keeps what went wrong apart from what may not be', async () => {
    const shown = open({});
    server.use(
      http.get(`${AGENT_URL}/access`, () =>
        HttpResponse.json(
          {
            error: { name: 'ServiceUnavailableError', message: 'Later.' },
            response: { statusCode: 503 },
          },
          { status: 503 },
        ),
      ),
    );
    await shown;
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'What Order Desk may do could not be loaded',
    );
    expect(screen.getByRole('button', { name: 'Try again' })).toBeVisible();
  });
});

describe('the settings of an agent', () => {
  const FIRST = 'a'.repeat(40);
  const NOW = 'b'.repeat(40);
  const view = {
    agentRef: 'agent:default/order-desk',
    keptAt: 'portal',
    canChange: true,
    asksPeople: true,
    revision: NOW,
    settings: {
      title: 'Order Desk',
      description: 'Answers questions about orders.',
      instructions: 'You answer briefly.\n',
      model: 'model:default/balanced',
      lifecycle: 'production',
      autonomy: 'copilot',
      tools: ['tool:default/orders.find'],
      exampleQuestions: ['Where is NH-1?'],
      monthlyBudgetUsd: 20,
      quotas: { maxToolCalls: 5, maxTokens: 9_000 },
    },
  };
  const URL_OF = `${AGENT_URL}/settings`;

  function serve(now: object = view) {
    server.use(
      http.get(URL_OF, ({ request }) =>
        HttpResponse.json(
          request.url.endsWith(FIRST)
            ? {
                ...view,
                revision: FIRST,
                settings: { ...view.settings, instructions: 'You answer.' },
              }
            : now,
        ),
      ),
      http.get(`${URL_OF}/history`, () =>
        HttpResponse.json({
          items: [
            [NOW, 'Briefer', 'Dana Weiss'],
            [FIRST, 'Create the agent order-desk', 'Elin Marklund'],
          ].map(([revision, message, author]) => ({
            revision,
            message,
            author,
            at: '2026-11-20T10:00:00Z',
          })),
        }),
      ),
      http.get(`${BASE}/models/models`, () => HttpResponse.json({ items: [] })),
      http.get(`${BASE}/tools/tools`, () => HttpResponse.json({ items: [] })),
      record('put', '/agents/default/order-desk/settings', () => ({
        ...view,
        revision: 'c'.repeat(40),
      })),
    );
  }

  it('shows what would change, says that people are asked, and commits with a reason', async () => {
    serve();
    await open({ tab: <SettingsTab /> });
    const review = await screen.findByRole('button', {
      name: 'Review changes',
    });
    expect(review).toBeDisabled();
    const instructions = screen.getByLabelText('Instructions');
    await userEvent.clear(instructions);
    await userEvent.type(instructions, 'You answer kindly.');
    await userEvent.clear(screen.getByLabelText('Budget per month (USD)'));
    await userEvent.type(
      screen.getByLabelText('Most tool calls in one run'),
      '.5',
    );
    expect(screen.getByText('Check this value.')).toBeVisible();
    expect(review).toBeDisabled();
    await userEvent.type(
      screen.getByLabelText('Most tool calls in one run'),
      '{Backspace}{Backspace}',
    );
    await userEvent.click(review);

    const dialog = within(await screen.findByRole('dialog'));
    expect(dialog.getByText('kindly.', { selector: 'ins' })).toBeVisible();
    expect(dialog.getByText('20', { selector: 'del' })).toBeVisible();
    expect(dialog.getByText(/waits for approval/)).toBeVisible();
    const save = dialog.getByRole('button', { name: 'Save and commit' });
    expect(save).toBeDisabled();
    await userEvent.type(dialog.getByLabelText(/Why/), 'Kinder');
    await userEvent.click(save);
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    const { monthlyBudgetUsd: _gone, ...rest } = view.settings;
    expect(sent).toEqual([
      {
        asks: 'PUT /agents/default/order-desk/settings',
        body: {
          revision: NOW,
          message: 'Kinder',
          settings: { ...rest, instructions: 'You answer kindly.' },
        },
      },
    ]);
  });

  it('keeps what was changed while one looks elsewhere in the portal, and the browser asks before it goes', async () => {
    serve();
    const isAsked = () =>
      !window.dispatchEvent(new Event('beforeunload', { cancelable: true }));
    const { unmount } = await open({ tab: <SettingsTab /> });
    await userEvent.type(await screen.findByLabelText('Purpose'), ' Kindly.');
    expect(isAsked()).toBe(true);
    unmount();
    await open({ tab: <SettingsTab /> });
    expect(await screen.findByText('1 field changed')).toBeVisible();
    expect(screen.getByLabelText('Purpose')).toHaveDisplayValue(/Kindly\.$/);
    await userEvent.click(screen.getByRole('button', { name: 'Discard' }));
    expect(screen.getByText('Nothing is changed yet.')).toBeVisible();
    expect(isAsked()).toBe(false);
  });

  it('restores what was, and retires with a reason', async () => {
    serve();
    await open({ tab: <SettingsTab /> });
    await userEvent.click(
      await screen.findByRole('button', {
        name: 'Restore the settings of "Create the agent order-desk"',
      }),
    );
    let dialog = within(await screen.findByRole('dialog'));
    expect(dialog.getByText(/briefly/, { selector: 'del' })).toBeVisible();
    await userEvent.click(dialog.getByRole('button', { name: 'Restore' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(sent[0].body).toMatchObject({
      message: 'Back to: Create the agent order-desk',
      settings: { instructions: 'You answer.' },
    });

    await userEvent.click(
      await screen.findByRole('button', { name: 'Retire' }),
    );
    dialog = within(await screen.findByRole('dialog'));
    await userEvent.type(dialog.getByLabelText(/Why/), 'Nobody asks it');
    await userEvent.click(dialog.getByRole('button', { name: 'Retire' }));
    await waitFor(() => expect(sent).toHaveLength(2));
    expect(sent[1].body).toMatchObject({
      message: 'Nobody asks it',
      settings: { lifecycle: 'retired' },
    });
  });

  it('offers no change where there can be none, and says why', async () => {
    serve({
      ...view,
      keptAt: 'host',
      canChange: false,
      why: 'Its files are kept at a Git host, and are changed there.',
      editUrl: 'https://git.example.com/edit',
    });
    await open({ tab: <SettingsTab /> });
    expect(await screen.findByRole('note')).toHaveTextContent(/Git host/);
    expect(screen.getByRole('link', { name: 'Edit in source' })).toBeVisible();
    expect(screen.getByLabelText('Instructions')).toHaveAttribute('readonly');
    expect(screen.queryByRole('button', { name: 'Review changes' })).toBeNull();
    expect(screen.queryByRole('button', { name: 'Retire' })).toBeNull();
  });
});
