import {
  ApprovalsClient,
  type Approval,
} from '@agentportal/plugin-agents-common';
import { approvalsApiRef } from '@agentportal/plugin-agents-react';
import { ModelsClient } from '@agentportal/plugin-models-common';
import { OrchestrationClient } from '@agentportal/plugin-orchestration-common';
import { ToolsClient } from '@agentportal/plugin-tools-common';
import { createRouteRef } from '@backstage/frontend-plugin-api';
import { renderInTestApp } from '@backstage/frontend-test-utils';
import { catalogApiRef, entityRouteRef } from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import { signalApiRef } from '@backstage/plugin-signals-react';
import { registerMswTestHooks } from '@backstage/test-utils';
import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { agentActivityApiRef } from '../api';
import { DefaultAgentActivity } from '../api/DefaultAgentActivity';
import { approvalsRouteRef } from '../routes';
import { ApprovalsPage } from './ApprovalsPage';

const BASE = 'http://portal.test/api';
const server = setupServer();
registerMswTestHooks(server);

const yes = { allowed: true };
const no = { allowed: false };

function approval(id: string, changes: Partial<Approval> = {}): Approval {
  return {
    id,
    kind: 'tool-call',
    status: 'pending',
    title: `Returns Desk wants to refund 340 EUR for order ${id}.`,
    reason: 'tool:default/payments.refund_payment is critical.',
    digest: `sha256:${'0'.repeat(64)}`,
    agentRef: 'agent:default/returns-desk',
    requestedBy: 'agent:default/returns-desk',
    personRef: 'user:default/dario.conti',
    toolRef: 'tool:default/payments.refund_payment',
    toolName: 'payments.refund_payment',
    riskTier: 'critical',
    requestedAt: '2026-11-28T10:00:00Z',
    expiresAt: '2026-11-28T23:00:00Z',
    askedOf: ['group:default/customer-care'],
    quorum: 1,
    approvals: 0,
    canDecide: true,
    requirement: 'One of group:default/customer-care approves.',
    onExpiry: 'reject',
    differentGroups: false,
    args: { orderId: id, amount: 340 },
    unusual: [
      { argument: 'amount', reason: 'It is the highest so far; before 20.' },
    ],
    decisions: [],
    messages: [],
    similar: [],
    can: {
      approve: yes,
      edit: yes,
      reject: yes,
      ask: yes,
      answer: no,
      withdraw: no,
      breakGlass: no,
    },
    ...changes,
  } as Approval;
}

let waiting: Approval[];
let sent: { path: string; body: any }[];
let lists: URLSearchParams[];
let seesApprovers: boolean;
let tell: () => void;

beforeEach(() => {
  waiting = [];
  sent = [];
  lists = [];
  seesApprovers = false;
  tell = () => {};
});

async function open(path = '/approvals') {
  const at = (suffix: string) => `${BASE}/agents/approvals${suffix}`;
  server.use(
    http.get(at('/summary'), () =>
      HttpResponse.json({
        waiting: { mine: waiting.length, team: 0, requested: 0 },
        seesApprovers,
        decided: {
          days: 7,
          count: 30,
          approved: 30,
          warning: 'You approved the last 30 in two seconds each.',
        },
      }),
    ),
    http.get(at('/approvers'), () =>
      HttpResponse.json({
        days: 30,
        items: [
          {
            ref: 'user:default/elin.marklund',
            count: 20,
            approved: 19,
            medianSeconds: 2,
            isHasty: true,
          },
        ],
      }),
    ),
    http.get(at(''), ({ request }) => {
      lists.push(new URL(request.url).searchParams);
      return HttpResponse.json({ items: waiting });
    }),
    http.get(at('/:id'), ({ params }) => {
      const found = waiting.find(({ id }) => id === params.id);
      return found
        ? HttpResponse.json(found)
        : HttpResponse.json(
            { error: { name: 'NotFoundError' } },
            { status: 404 },
          );
    }),
    http.post(at('/:id/:what'), async ({ params, request }) => {
      sent.push({
        path: `${params.id}/${params.what}`,
        body: await request.json(),
      });
      return HttpResponse.json(waiting.find(({ id }) => id === params.id));
    }),
    http.get(`${BASE}/tools/tools/:name`, () =>
      HttpResponse.json({
        name: 'payments.refund_payment',
        inputSchema: {
          type: 'object',
          required: ['orderId', 'amount'],
          properties: {
            orderId: { type: 'string' },
            amount: { type: 'number', maximum: 500 },
          },
        },
      }),
    ),
  );
  const connection = {
    discoveryApi: {
      getBaseUrl: async (pluginId: string) => `${BASE}/${pluginId}`,
    },
    fetchApi: { fetch: (...args: Parameters<typeof fetch>) => fetch(...args) },
  };
  return renderInTestApp(<ApprovalsPage />, {
    initialRouteEntries: [path],
    mountPath: '/approvals',
    mountedRoutes: {
      '/catalog/:namespace/:kind/:name': entityRouteRef,
      '/approvals': approvalsRouteRef,
      '/elsewhere': createRouteRef(),
    },
    apis: [
      [
        catalogApiRef,
        catalogApiMock({
          entities: [
            {
              apiVersion: 'backstage.io/v1alpha1',
              kind: 'Group',
              metadata: { name: 'customer-care', title: 'Customer Care' },
              spec: { type: 'team', children: [] },
            },
          ],
        }),
      ],
      [approvalsApiRef, new ApprovalsClient(connection)],
      [
        signalApiRef,
        {
          subscribe: (_channel: string, onMessage: (message: any) => void) => {
            tell = () => onMessage({});
            return { unsubscribe() {} };
          },
        },
      ],
      [
        agentActivityApiRef,
        new DefaultAgentActivity({
          runs: new OrchestrationClient(connection),
          models: new ModelsClient(connection),
          tools: new ToolsClient(connection),
        }),
      ],
    ],
  });
}

const detail = (name: RegExp) => screen.findByRole('article', { name });

describe('the Approvals page', () => {
  it('says what would happen, with what exactly, what is unusual, why it waits and who was asked', async () => {
    waiting = [approval('NH-1')];
    await open();
    const shown = await detail(/340 EUR/);
    expect(
      within(shown).getByRole('region', { name: 'With exactly this' }),
    ).toHaveTextContent('orderIdNH-1amount340 It is the highest so far');
    expect(shown).toHaveTextContent(/refund_payment is critical/);
    expect(
      await within(shown).findAllByRole('link', { name: 'Customer Care' }),
    ).not.toHaveLength(0);
    expect(document.body).not.toHaveTextContent(/(agent|group|tool):default/);
    expect(
      screen.getByText('You approved the last 30 in two seconds each.'),
    ).toBeVisible();
  });

  it('says for whom the run is when it is not for the reader', async () => {
    waiting = [approval('NH-1', { runId: 'run-1' })];
    server.use(
      http.get(`${BASE}/orchestration/runs/run-1`, () =>
        HttpResponse.json(
          { error: { name: 'NotFoundError' } },
          { status: 404 },
        ),
      ),
    );
    await open();
    const run = within(await detail(/340 EUR/));
    expect(
      await run.findByText(/is for those who own the agent/),
    ).toBeVisible();
  });

  it('is walked through and decided by keys, and a field has its keys for itself', async () => {
    waiting = [approval('NH-1'), approval('NH-2')];
    await open();
    await detail(/NH-1/);
    expect(screen.getByText(/next, before/)).toHaveTextContent(
      'j k next, before · a approve · e edit · r reject',
    );
    await userEvent.keyboard('j');
    await detail(/NH-2/);
    await userEvent.keyboard('r');
    const dialog = await screen.findByRole('dialog', { name: 'Reject?' });
    const reject = within(dialog).getByRole('button', { name: 'Reject it' });
    expect(reject).toBeDisabled();
    await userEvent.type(
      within(dialog).getByRole('textbox', { name: /Why/ }),
      'jar is not ours',
    );
    await userEvent.click(reject);
    await waitFor(() => expect(sent).toHaveLength(1));
    expect(sent[0]).toEqual({
      path: 'NH-2/decisions',
      body: {
        decision: 'reject',
        digest: waiting[1].digest,
        reason: 'jar is not ours',
      },
    });
  });

  it('changes the arguments in the form of the tool, and approves what was changed', async () => {
    waiting = [approval('NH-1')];
    await open();
    await detail(/NH-1/);
    await userEvent.keyboard('e');
    const dialog = await screen.findByRole('dialog');
    const amount = await within(dialog).findByRole('textbox', {
      name: /amount/,
    });
    const approve = within(dialog).getByRole('button', {
      name: 'Approve it as changed',
    });
    expect(approve).toBeDisabled();
    await userEvent.clear(amount);
    await userEvent.type(amount, '900');
    await userEvent.click(approve);
    expect(await within(dialog).findByText(/Must be <= 500/)).toBeVisible();
    expect(sent).toEqual([]);
    await userEvent.clear(amount);
    await userEvent.type(amount, '150');
    expect(dialog).toHaveTextContent('amount: 340 → 150');
    await userEvent.click(approve);
    await waitFor(() => expect(sent).toHaveLength(1));
    expect(sent[0].body).toEqual({
      decision: 'approve',
      digest: waiting[0].digest,
      args: { orderId: 'NH-1', amount: 150 },
    });
  });

  it('offers nothing of what somebody may not do, and says why once', async () => {
    const why = 'You asked for this, so somebody else decides it.';
    waiting = [
      approval('NH-1', {
        canDecide: false,
        can: {
          approve: { allowed: false, reason: why },
          edit: no,
          reject: no,
          ask: yes,
          answer: no,
          withdraw: yes,
          breakGlass: no,
        },
      }),
    ];
    await open();
    const shown = await detail(/NH-1/);
    expect(within(shown).getByText(why)).toBeVisible();
    expect(
      within(shown)
        .getAllByRole('button')
        .map(button => button.textContent)
        .filter(Boolean),
    ).toEqual(['Ask', 'Take it back']);
    await userEvent.keyboard('a');
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(screen.getByText(/next, before/)).not.toHaveTextContent('approve');
  });

  it('decides many at once only where that is safe, and leaves out what is unusual', async () => {
    const plain = { riskTier: 'write', unusual: [] } as const;
    waiting = [
      approval('NH-1', { ...plain, unusual: [] }),
      approval('NH-2', { riskTier: 'write' }),
      approval('NH-3'),
    ];
    await open();
    await detail(/NH-1/);
    const boxes = screen.getAllByRole('checkbox');
    expect(boxes[2]).toBeDisabled();
    await userEvent.click(boxes[0]);
    await userEvent.click(boxes[1]);
    await userEvent.click(screen.getByRole('button', { name: 'Approve 2' }));
    const dialog = await screen.findByRole('dialog');
    await within(dialog).findByText(/One is left out/);
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Approve 1' }),
    );
    await waitFor(() =>
      expect(sent.map(({ path }) => path)).toEqual(['NH-1/decisions']),
    );
  });

  it('approves none of many twice when it goes on after a failure', async () => {
    waiting = ['NH-1', 'NH-2', 'NH-3'].map(id =>
      approval(id, { riskTier: 'write', unusual: [] }),
    );
    await open();
    await detail(/NH-1/);
    for (const box of screen.getAllByRole('checkbox')) {
      await userEvent.click(box);
    }
    await userEvent.click(screen.getByRole('button', { name: 'Approve 3' }));
    const dialog = await screen.findByRole('dialog');
    const button = await within(dialog).findByRole('button', {
      name: 'Approve 3',
    });
    server.use(
      http.post(
        `${BASE}/agents/approvals/NH-2/decisions`,
        () => HttpResponse.json({ error: {} }, { status: 503 }),
        { once: true },
      ),
    );
    await userEvent.click(button);
    await within(dialog).findByText('Not all were approved');
    await userEvent.click(button);
    await waitFor(() =>
      expect(sent.map(({ path }) => path)).toEqual([
        'NH-1/decisions',
        'NH-2/decisions',
        'NH-3/decisions',
      ]),
    );
  });

  it('shows those who may see it how others decide', async () => {
    seesApprovers = true;
    await open();
    await userEvent.click(
      await screen.findByRole('button', { name: 'How people decide' }),
    );
    const dialog = await screen.findByRole('dialog');
    expect(
      await within(dialog).findByText('As if nothing was read'),
    ).toBeVisible();
    expect(dialog).toHaveTextContent(
      'approved 19 of 20, half of them within 2 s',
    );
  });

  it('asks with a form, and sends the answer', async () => {
    waiting = [
      approval('Q-1', {
        kind: 'question',
        title: 'Which carrier should take the parcel?',
        args: undefined,
        unusual: [],
        form: {
          type: 'object',
          required: ['carrier'],
          properties: { carrier: { type: 'string', title: 'Carrier' } },
        },
        can: { ...approval('Q-1').can, answer: yes, edit: no },
      }),
    ];
    await open();
    const shown = await detail(/Which carrier/);
    await userEvent.click(
      within(shown).getByRole('button', { name: 'Answer' }),
    );
    expect(await within(shown).findByText('This is needed.')).toBeVisible();
    await userEvent.type(
      within(shown).getByRole('textbox', { name: /Carrier/ }),
      'Nordbud',
    );
    await userEvent.click(
      within(shown).getByRole('button', { name: 'Answer' }),
    );
    await waitFor(() =>
      expect(sent).toEqual([
        { path: 'Q-1/answer', body: { values: { carrier: 'Nordbud' } } },
      ]),
    );
  });

  it('shows what is decided elsewhere as soon as that is told', async () => {
    waiting = [approval('NH-1')];
    await open();
    await detail(/NH-1/);
    waiting = [
      approval('NH-1', {
        status: 'approved',
        decisions: [
          {
            by: 'user:default/elin.marklund',
            at: '2026-11-28T10:05:00Z',
            decision: 'approve',
            counts: true,
            reason: 'It is ours.',
          },
        ],
      }),
    ];
    act(() => tell());
    expect(
      await within(await detail(/NH-1/)).findByText('It is ours.'),
    ).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Approve' })).toBeNull();
  });

  it('asks for what the address says, and teaches where nothing waits', async () => {
    await open('/approvals?view=team&kind=tool-call&agent=agent:default/a');
    expect(await screen.findByText('Nothing waits for anybody')).toBeVisible();
    expect(screen.getByText(/Nobody decides about their own/)).toBeVisible();
    expect(Object.fromEntries(lists[0])).toMatchObject({
      view: 'team',
      status: 'pending',
      kind: 'tool-call',
      agentRef: 'agent:default/a',
    });
  });

  it('does not say of a permission that it is used once', async () => {
    waiting = [
      approval('a1', {
        kind: 'access',
        title: 'Returns Desk would be given catalog.location.read.',
        args: undefined,
        unusual: [],
        permission: 'catalog.location.read',
      }),
    ];
    await open('/approvals?id=a1');
    await userEvent.click(
      await screen.findByRole('button', { name: 'Approve' }),
    );
    const dialog = await screen.findByRole('dialog');
    expect(dialog).toHaveTextContent('until it ends or somebody takes it back');
    expect(dialog).not.toHaveTextContent('It is done once');
  });

  it('shows what an agent would become: more tools with their risk, and words that change', async () => {
    waiting = [
      approval('p1', {
        kind: 'publication',
        title: 'Returns Desk would change: tools, instructions.',
        args: undefined,
        unusual: [],
        changes: [
          {
            field: 'tools',
            added: [{ text: 'tool:default/finance.pay', riskTier: 'critical' }],
            removed: ['tool:default/orders.find'],
          },
          {
            field: 'instructions',
            before: 'Be kind to all.',
            after: 'Be quick to all.',
          },
          { field: 'rules', before: 'forbid(principal, action, resource);' },
        ],
      }),
    ];
    await open('/approvals?id=p1');
    const part = await screen.findByRole('region', {
      name: 'What it would become',
    });
    expect(within(part).getByText(/more:/)).toHaveTextContent('finance.pay');
    expect(
      Array.from(part.querySelectorAll('dd del, dd ins'), each => [
        each.tagName,
        each.textContent?.trim(),
      ]).slice(-3),
    ).toEqual([
      ['DEL', 'kind'],
      ['INS', 'quick'],
      ['DEL', 'forbid(principal, action, resource);'],
    ]);
    expect(
      within(part).getByText('rules that forbid it calls').nextSibling,
    ).toHaveTextContent(/^None, but before:/);
  });
});
