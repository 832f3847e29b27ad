import { approvalsApiRef } from '@agentportal/plugin-agents-react';
import {
  OrchestrationClient,
  type Run,
  type RunStep,
} from '@agentportal/plugin-orchestration-common';
import { coreApis, useAppLocation } from '@backstage/frontend-plugin-api';
import { renderInTestApp } from '@backstage/frontend-test-utils';
import { catalogApiRef, entityRouteRef } from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import { permissionApiRef } from '@backstage/plugin-permission-react';
import { registerMswTestHooks } from '@backstage/test-utils';
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, delay, http } from 'msw';
import { setupServer } from 'msw/node';
import { orchestrationApiRef } from '../api';
import { rootRouteRef } from '../routes';
import { RunPage } from './RunPage';

const BASE = 'http://portal.test/api/orchestration';
const server = setupServer();
registerMswTestHooks(server);

const STEPS: RunStep[] = [
  {
    id: 'ask',
    index: 0,
    kind: 'model',
    name: 'balanced',
    modelId: 'builtin/extractive',
    modelReason:
      'Chose openai/gpt-5.1: the first that could serve. Skipped ollama/qwen3: no provider has it.',
    status: 'succeeded',
    startedAt: '2026-11-22T10:00:00.000Z',
    finishedAt: '2026-11-22T10:00:00.400Z',
    durationMs: 400,
    input: { messages: [{ role: 'user', content: 'Where is NH-10042?' }] },
    output: { message: '', toolCalls: [{ name: 'orders.find_order' }] },
    usage: { inputTokens: 1200, outputTokens: 20, costNanoUsd: 4_200_000 },
  },
  {
    id: 'find',
    index: 1,
    kind: 'tool',
    name: 'orders.find_order',
    title: 'Find order',
    toolRef: 'tool:default/orders.find_order',
    riskTier: 'read',
    status: 'succeeded',
    startedAt: '2026-11-22T10:00:00.400Z',
    finishedAt: '2026-11-22T10:00:01.000Z',
    durationMs: 600,
    input: { orderId: 'NH-10042' },
    output: {
      content: [{ type: 'text', text: 'NH-10042 is delivered.' }],
      structuredContent: { status: 'delivered' },
    },
  },
];

const OVER_BUDGET = {
  id: 'b1',
  scope: { type: 'agent', ref: 'agent:default/order-desk' },
  window: 'month',
  limitNanoUsd: 800_000,
  leftNanoUsd: 429_550,
  neededNanoUsd: 1_044_450,
  renewsAt: '2026-12-01T00:00:00.000Z',
  contactRef: 'group:default/customer-care',
};

function run(fields: Partial<Run> = {}): Run {
  return {
    id: 'run-1',
    agentRef: 'agent:default/order-desk',
    agentTitle: 'Order Desk',
    threadId: 'thread-1',
    status: 'succeeded',
    createdBy: 'user:default/guest',
    input: { message: 'Where is NH-10042?' },
    output: { message: 'It is **delivered**.' },
    usage: {
      inputTokens: 1200,
      outputTokens: 20,
      costNanoUsd: 4_200_000,
      modelCalls: 1,
      toolCalls: 1,
    },
    createdAt: '2026-11-22T10:00:00.000Z',
    startedAt: '2026-11-22T10:00:00.000Z',
    finishedAt: '2026-11-22T10:00:01.000Z',
    durationMs: 1000,
    steps: STEPS,
    ...fields,
  };
}

let FORKS: unknown[] = [];
const TOASTS = jest.fn(() => ({ close() {} }));
afterEach(() => {
  FORKS = [];
  TOASTS.mockClear();
});

const created = () =>
  HttpResponse.json(
    { id: 'run-2', status: 'queued', threadId: 't' },
    { status: 201 },
  );

const Path = () => (
  <output aria-label="Path">{useAppLocation().pathname}</output>
);

async function open(
  search = '',
  mayRun: 'ALLOW' | 'DENY' = 'ALLOW',
  approval?: object,
) {
  server.use(
    http.get(`${BASE}/runs`, ({ request }) =>
      HttpResponse.json({
        items:
          new URL(request.url).searchParams.get('forkedFrom') === 'run-1'
            ? FORKS
            : [],
      }),
    ),
  );
  return renderInTestApp(
    <>
      <RunPage id="run-1" />
      <Path />
    </>,
    {
      initialRouteEntries: [`/runs/run-1${search}`],
      mountedRoutes: {
        '/catalog/:namespace/:kind/:name': entityRouteRef,
        '/runs': rootRouteRef,
      },
      apis: [
        [
          orchestrationApiRef,
          new OrchestrationClient({
            discoveryApi: { getBaseUrl: async () => BASE },
            fetchApi: { fetch: (...args) => fetch(...args) },
          }),
        ],
        [
          catalogApiRef,
          catalogApiMock({
            entities: [
              {
                apiVersion: 'agentportal.dev/v1alpha1',
                kind: 'Model',
                metadata: { name: 'strong', title: 'Strong' },
                spec: { type: 'chat' },
              },
              {
                apiVersion: 'agentportal.dev/v1alpha1',
                kind: 'Model',
                metadata: { name: 'vectors', title: 'Vectors' },
                spec: { type: 'embedding' },
              },
            ],
          }),
        ],
        [coreApis.toast, { post: TOASTS }],
        [
          permissionApiRef,
          { authorize: async () => ({ result: mayRun } as never) },
        ],
        ...(approval
          ? [
              [
                approvalsApiRef,
                { getApproval: async () => approval as never },
              ] as const,
            ]
          : []),
      ],
    },
  );
}

/** Writes down what the page sends to repeat a run. */
function takeRepeats(answer: () => Response = created) {
  const sent: unknown[] = [];
  server.use(
    http.post(`${BASE}/runs/run-1/:how`, async ({ params, request }) => {
      sent.push([params.how, await request.json()]);
      return answer();
    }),
  );
  return sent;
}

/** An event stream that the test writes to. */
function openStream() {
  const encoder = new TextEncoder();
  let controller: ReadableStreamDefaultController<Uint8Array>;
  let count = 0;
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
  });
  return {
    body,
    send: (event: object) =>
      controller.enqueue(
        encoder.encode(`id: ${++count}\ndata: ${JSON.stringify(event)}\n\n`),
      ),
    close: () => controller.close(),
  };
}

describe('the page of a run', () => {
  it('sums the run up in one line and shows its first step', async () => {
    server.use(http.get(`${BASE}/runs/run-1`, () => HttpResponse.json(run())));
    await open();
    expect(
      await screen.findByRole('heading', { name: 'Where is NH-10042?' }),
    ).toBeInTheDocument();
    for (const text of [
      '1.2k tokens',
      '$0.0042',
      '1 model call, 1 tool call',
    ]) {
      expect(screen.getByText(text)).toBeInTheDocument();
    }
    expect(screen.getByRole('link', { name: 'Order Desk' })).toHaveAttribute(
      'href',
      '/catalog/default/agent/order-desk',
    );
    expect(
      screen.getByText('Chose openai/gpt-5.1: the first that could serve.'),
    ).toBeInTheDocument();
  });

  it('says how long people were waited for, which is no time of the run', async () => {
    server.use(
      http.get(`${BASE}/runs/run-1`, () =>
        HttpResponse.json(
          run({
            startedAt: '2026-11-22T10:00:00.000Z',
            finishedAt: '2026-11-22T10:02:01.000Z',
            durationMs: 1_000,
          }),
        ),
      ),
    );
    await open();
    expect(
      await screen.findByText('1 s, and waited 2 min for people'),
    ).toBeInTheDocument();
  });

  it('chooses steps with the keyboard and shows arguments and result', async () => {
    server.use(http.get(`${BASE}/runs/run-1`, () => HttpResponse.json(run())));
    await open();
    const steps = await screen.findByRole('listbox', { name: 'Steps' });
    steps.focus();
    await userEvent.keyboard('{ArrowDown}');
    expect(
      within(steps).getByRole('option', { name: /Find order/ }),
    ).toHaveAttribute('aria-selected', 'true');
    expect(screen.getByRole('region', { name: 'Arguments' })).toHaveTextContent(
      '"orderId": "NH-10042"',
    );
    expect(screen.getByRole('region', { name: 'Result' })).toHaveTextContent(
      'NH-10042 is delivered.',
    );
    expect(
      screen.getByRole('region', { name: 'Result as data' }),
    ).toHaveTextContent('"status": "delivered"');

    await userEvent.keyboard('{ArrowDown}{ArrowUp}');
    expect(
      within(steps).getByRole('option', { name: /builtin\/extractive/ }),
    ).toHaveAttribute('aria-selected', 'true');
  });

  it('opens at the step that its URL names', async () => {
    server.use(http.get(`${BASE}/runs/run-1`, () => HttpResponse.json(run())));
    await open('?step=find');
    expect(
      await screen.findByRole('heading', { name: 'Find order' }),
    ).toBeInTheDocument();
  });

  it('says that a rehearsal did nothing, what was tried, and who would have been asked', async () => {
    server.use(
      http.get(`${BASE}/runs/run-1`, () =>
        HttpResponse.json(
          run({
            rehearsal: true,
            candidate: {
              digest: 'sha256:1',
              instructions: true,
              model: 'model:default/strong',
            },
            steps: [
              STEPS[0],
              {
                ...STEPS[1],
                rehearsed: {
                  answeredBy: 'schema',
                  wouldWait: {
                    reason: 'It is critical.',
                    askedOf: ['group:default/care'],
                  },
                },
              },
            ],
          }),
        ),
      ),
    );
    await open('?step=find');
    expect(
      await screen.findByText(/^Rehearsal: nothing was really done/),
    ).toHaveTextContent(
      /^Rehearsal: nothing was really done, with other instructions and strong$/i,
    );
    expect(
      screen.getByText(/an example of what the tool promises/),
    ).toBeInTheDocument();
    expect(
      screen.getByText('Would have waited for').parentElement,
    ).toHaveTextContent(/care.*It is critical\./);
  });

  it('shows question and answer, and says which model wrote it', async () => {
    server.use(http.get(`${BASE}/runs/run-1`, () => HttpResponse.json(run())));
    await open('?tab=messages');
    expect(
      await screen.findByText(
        'Answered by the built-in extractive model, which has no neural network.',
      ),
    ).toBeInTheDocument();
    expect(screen.getByText('delivered').tagName).toBe('STRONG');
  });

  it('shows steps as they happen, and the end', async () => {
    const stream = openStream();
    let isOver = false;
    server.use(
      http.get(`${BASE}/runs/run-1`, () =>
        HttpResponse.json(
          isOver
            ? run()
            : run({
                status: 'running',
                steps: [],
                output: undefined,
                finishedAt: undefined,
                durationMs: undefined,
              }),
        ),
      ),
      http.get(
        `${BASE}/runs/run-1/events`,
        () =>
          new HttpResponse(stream.body, {
            headers: { 'content-type': 'text/event-stream' },
          }),
      ),
    );
    await open();
    expect(
      await screen.findByText('Waiting for the first step'),
    ).toBeInTheDocument();
    expect(
      await screen.findByRole('button', { name: 'Stop' }),
    ).toBeInTheDocument();

    const step = { ...STEPS[1], index: 0, status: 'running' };
    stream.send({
      type: 'CUSTOM',
      name: 'agent-portal.step',
      value: {
        step: { ...step, finishedAt: undefined, durationMs: undefined },
      },
    });
    expect(
      await screen.findByRole('option', { name: /Find order/ }),
    ).toBeInTheDocument();

    isOver = true;
    stream.send({ type: 'RUN_FINISHED', threadId: 'thread-1', runId: 'run-1' });
    stream.close();
    await waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(2));
    expect(
      screen.queryByRole('button', { name: 'Stop' }),
    ).not.toBeInTheDocument();
  });

  it('says that a request which nobody decides goes on to others', async () => {
    const expiresAt = new Date(Date.now() + 4 * 3_600_000).toISOString();
    const wait = {
      approvalId: 'a-1',
      kind: 'tool-call' as const,
      title: 'Returns Desk would refund 340 EUR.',
      expiresAt,
      askedOf: [],
    };
    server.use(
      http.get(`${BASE}/runs/run-1`, () =>
        HttpResponse.json(
          run({
            status: 'interrupted',
            output: undefined,
            steps: [],
            waitingFor: [wait],
          }),
        ),
      ),
      http.get(`${BASE}/runs/run-1/events`, () => new HttpResponse('')),
    );
    await open('', 'ALLOW', {
      ...wait,
      id: 'a-1',
      status: 'pending',
      reason: 'Every refund needs an approval.',
      requestedAt: new Date().toISOString(),
      onExpiry: 'escalate',
    });
    const card = await screen.findByRole('region', {
      name: 'Waits for a person',
    });
    await waitFor(() =>
      expect(card).toHaveTextContent('Goes on to others in 4 hours.'),
    );
    expect(card).not.toHaveTextContent('Ends');
  });

  it('says what it waits for while it waits for a person, and that it goes on', async () => {
    const stream = openStream();
    let now = run({ status: 'running', output: undefined, steps: [] });
    server.use(
      http.get(`${BASE}/runs/run-1`, () => HttpResponse.json(now)),
      http.get(
        `${BASE}/runs/run-1/events`,
        () =>
          new HttpResponse(stream.body, {
            headers: { 'content-type': 'text/event-stream' },
          }),
      ),
    );
    await open();
    await screen.findByText('Waiting for the first step');
    const ids = { threadId: 'thread-1', runId: 'run-1' };
    now = run({
      ...now,
      status: 'interrupted',
      waitingFor: [
        {
          approvalId: 'a-1',
          kind: 'tool-call',
          title: 'Returns Desk would refund 340 EUR.',
          expiresAt: new Date(Date.now() + 4 * 3_600_000).toISOString(),
          askedOf: ['group:default/customer-care'],
        },
      ],
    });
    stream.send({
      type: 'RUN_FINISHED',
      ...ids,
      outcome: { type: 'interrupt', interrupts: [] },
    });
    const card = await screen.findByRole('region', {
      name: 'Waits for a person',
    });
    expect(card).toHaveTextContent('Returns Desk would refund 340 EUR.');
    expect(card).toHaveTextContent(/Asked: customer-care\. Ends in 4 hours\./);
    expect(screen.getByRole('button', { name: 'Stop' })).toBeVisible();

    now = run({ status: 'running', output: undefined, steps: [] });
    stream.send({ type: 'RUN_STARTED', ...ids });
    await waitFor(() =>
      expect(
        screen.queryByRole('region', { name: 'Waits for a person' }),
      ).toBeNull(),
    );
    now = run();
    stream.send({ type: 'RUN_FINISHED', ...ids });
    stream.close();
    await waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(2));
  });

  it('stops a run', async () => {
    const cancelled: string[] = [];
    server.use(
      http.get(`${BASE}/runs/run-1`, () =>
        HttpResponse.json(run({ status: 'running', steps: [] })),
      ),
      http.get(
        `${BASE}/runs/run-1/events`,
        () => new HttpResponse(openStream().body),
      ),
      http.post(`${BASE}/runs/:id/cancel`, ({ params }) => {
        cancelled.push(String(params.id));
        return HttpResponse.json(run({ status: 'cancelled' }));
      }),
    );
    await open();
    await userEvent.click(await screen.findByRole('button', { name: 'Stop' }));
    await waitFor(() => expect(cancelled).toEqual(['run-1']));
  });

  it('says what happened when the run cannot be loaded, and tries again', async () => {
    server.use(
      http.get(
        `${BASE}/runs/run-1`,
        () =>
          HttpResponse.json(
            {
              error: {
                name: 'ServiceUnavailableError',
                message: 'No database',
              },
              response: { statusCode: 503 },
            },
            { status: 503 },
          ),
        { once: true },
      ),
      http.get(`${BASE}/runs/run-1`, () => HttpResponse.json(run())),
    );
    await open();
    expect(await screen.findByRole('alert')).toHaveTextContent('No database');
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(
      await screen.findByRole('listbox', { name: 'Steps' }),
    ).toBeInTheDocument();
  });

  it('leads from a run that is not there to those that are', async () => {
    server.use(
      http.get(`${BASE}/runs/run-1`, () =>
        HttpResponse.json(
          {
            error: { name: 'NotFoundError', message: 'No run run-1' },
            response: { statusCode: 404 },
          },
          { status: 404 },
        ),
      ),
    );
    await open();
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'It does not exist, or you may not see it.',
    );
    expect(screen.getByRole('link', { name: 'All runs' })).toHaveAttribute(
      'href',
      '/runs',
    );
    expect(screen.queryByText(/goes on/)).not.toBeInTheDocument();
    expect(screen.queryByRole('button')).not.toBeInTheDocument();
  });

  it.each([
    ['is away', () => HttpResponse.error()],
    ['starts', () => new HttpResponse(null, { status: 404 })],
  ])(
    'waits for a portal that %s, and goes on by itself',
    async (_, answer) => {
      let asked = 0;
      server.use(
        http.get(`${BASE}/runs/run-1`, () => {
          asked += 1;
          return asked === 2
            ? answer()
            : HttpResponse.json(
                asked === 1
                  ? run({ status: 'running', output: undefined })
                  : run(),
              );
        }),
        http.get(`${BASE}/runs/run-1/events`, () => HttpResponse.error()),
      );
      await open();
      expect(
        await screen.findByText(/does not answer/, undefined, {
          timeout: 15_000,
        }),
      ).toBeInTheDocument();
      await waitFor(
        () =>
          expect(screen.queryByText(/does not answer/)).not.toBeInTheDocument(),
        { timeout: 15_000 },
      );
      expect(screen.queryByRole('button', { name: 'Stop' })).toBeNull();
    },
    40_000,
  );

  it('says of a run that a budget refused what is used up, until when, and whom to ask', async () => {
    server.use(
      http.get(`${BASE}/runs/run-1`, () =>
        HttpResponse.json(
          run({
            status: 'failed',
            output: undefined,
            steps: [],
            error: {
              name: 'ModelCallFailed',
              message: 'In the words of the gateway.',
              budget: OVER_BUDGET,
            },
          }),
        ),
      ),
    );
    await open();
    const note = await screen.findByRole('note');
    expect(note).toHaveTextContent(
      /^The budget of order-desk, \$0\.0008 a month, has no room for this call\. It renews on 1 December 2026 \(UTC\)\. Ask customer-care to raise it\. See the budget$/,
    );
    expect(
      within(note).getByRole('link', { name: 'See the budget' }),
    ).toHaveAttribute('href', '/catalog/default/agent/order-desk/cost');
    expect(screen.queryByText(/ModelCallFailed/)).not.toBeInTheDocument();
  });

  it('says of a run that succeeded that a call was refused in it, and by which rule', async () => {
    const refusal = {
      name: 'CallRefused',
      message: 'Refunds above 200 EUR are for people.',
      ruleIds: ['portal/refunds#limit'],
    };
    const steps = run().steps.map(step =>
      step.kind === 'tool'
        ? { ...step, status: 'failed' as const, error: refusal }
        : step,
    );
    server.use(
      http.get(`${BASE}/runs/run-1`, () =>
        HttpResponse.json(run({ refusedCalls: 1, steps })),
      ),
    );
    await open();
    expect(
      await screen.findByText('Succeeded, one call refused'),
    ).toBeInTheDocument();
    const tool = steps.find(({ kind }) => kind === 'tool')!;
    await userEvent.click(screen.getAllByText(tool.title ?? tool.name)[0]);
    const note = await screen.findByRole('note');
    expect(note).toHaveTextContent(
      'The portal refused this call. Refunds above 200 EUR are for people. By portal/refunds#limit.',
    );
  });

  it('puts what went on at once under what started it', async () => {
    const at = (id: string, index: number, fields: Partial<RunStep> = {}) => ({
      ...STEPS[1],
      id,
      index,
      title: id,
      ...fields,
    });
    server.use(
      http.get(`${BASE}/runs/run-1`, () =>
        HttpResponse.json(
          run({
            steps: [
              at('Ask one', 0, { kind: 'agent' }),
              at('Ask two', 1, { kind: 'agent' }),
              at('Of one', 2, { parentId: 'Ask one' }),
              at('Of two', 3, { parentId: 'Ask two' }),
              at('More of one', 4, { parentId: 'Ask one' }),
            ],
          }),
        ),
      ),
    );
    await open('?tab=timeline');
    const options = await screen.findAllByRole('option');
    expect(
      options.map(
        each => /(Ask|Of|More).* (one|two)/.exec(each.textContent!)![0],
      ),
    ).toEqual(['Ask one', 'Of one', 'More of one', 'Ask two', 'Of two']);
  });

  it('draws of a thousand steps those that are looked at', async () => {
    const steps = Array.from({ length: 1_000 }, (_, index) => ({
      ...STEPS[1],
      id: `s${index}`,
      title: `Step ${index}`,
      index,
    }));
    server.use(
      http.get(`${BASE}/runs/run-1`, () => HttpResponse.json(run({ steps }))),
    );
    await open();
    const list = await screen.findByRole('listbox', { name: 'Steps' });
    expect(within(list).getAllByRole('option').length).toBeLessThan(100);
    list.focus();
    await userEvent.keyboard('{End}');
    // The browser does what is asked of it here.
    fireEvent.scroll(list);
    const last = within(list).getByRole('option', { name: /Step 999/ });
    expect(last).toHaveAttribute('aria-selected', 'true');
    expect(last).toHaveAttribute('aria-posinset', '1000');
    expect(last).toHaveAttribute('aria-setsize', '1000');
  });

  it('draws of a thousand messages those that came last, and all when asked', async () => {
    const messages = Array.from({ length: 1_000 }, (_, i) => ({
      role: i === 0 ? 'system' : 'user',
      content: `Message ${i}`,
    }));
    const steps = [{ ...STEPS[0], input: { messages } }];
    server.use(
      http.get(`${BASE}/runs/run-1`, () => HttpResponse.json(run({ steps }))),
    );
    await open();
    const input = await screen.findByRole('region', { name: 'Input' });
    const shown = () =>
      within(input)
        .getAllByText(/^Message/)
        .map(({ textContent }) => textContent);
    expect(shown()).toEqual([
      'Message 0',
      ...Array.from({ length: 30 }, (_, i) => `Message ${970 + i}`),
    ]);
    await userEvent.click(
      within(input).getByRole('button', { name: 'Show 969 more messages' }),
    );
    expect(shown()).toHaveLength(1_000);
  });

  const FAILED = run({
    status: 'failed',
    output: undefined,
    error: { name: 'ToolsUnavailable', message: 'The gateway is away.' },
    steps: [STEPS[0], { ...STEPS[1], status: 'failed' }],
  });

  it('tries a failed run again from the step that failed, and opens the new run', async () => {
    server.use(http.get(`${BASE}/runs/run-1`, () => HttpResponse.json(FAILED)));
    const sent = takeRepeats();
    await open();
    await userEvent.click(await screen.findByRole('button', { name: 'Retry' }));
    await waitFor(() => expect(sent).toEqual([['retry', { fromStep: 1 }]]));
    await waitFor(() =>
      expect(screen.getByLabelText('Path')).toHaveTextContent('/runs/run-2'),
    );
  });

  it('says why a run cannot be tried again', async () => {
    server.use(http.get(`${BASE}/runs/run-1`, () => HttpResponse.json(FAILED)));
    takeRepeats(() =>
      HttpResponse.json(
        {
          error: { name: 'ConflictError', message: 'Its agent is suspended.' },
          response: { statusCode: 409 },
        },
        { status: 409 },
      ),
    );
    await open();
    await userEvent.click(await screen.findByRole('button', { name: 'Retry' }));
    await waitFor(() =>
      expect(TOASTS).toHaveBeenCalledWith(
        expect.objectContaining({ description: 'Its agent is suspended.' }),
      ),
    );
  });

  it('forks from a step with another model and other words', async () => {
    server.use(
      http.get(`${BASE}/runs/run-1`, () =>
        HttpResponse.json(
          run({
            messages: [
              { id: 0, role: 'system', content: 'Be kind.' },
              { id: 1, role: 'user', content: 'Where is NH-10042?' },
            ],
            steps: [{ ...STEPS[0], inputMessages: [[0, 1]] }, STEPS[1]],
          }),
        ),
      ),
    );
    const sent = takeRepeats();
    await open('?step=find');
    await userEvent.click(
      await screen.findByRole('button', { name: 'Fork from here…' }),
    );
    const dialog = await screen.findByRole('dialog');
    expect(within(dialog).queryByText('Be kind.')).toBeNull();
    const question = within(dialog).getByRole('textbox', {
      name: 'The question',
    });
    await userEvent.clear(question);
    await userEvent.type(question, 'Where is NH-7?');
    await userEvent.click(
      within(dialog).getByRole('button', { name: /Model/ }),
    );
    const strong = await screen.findByRole('option', { name: 'Strong' });
    // It makes vectors, and answers nobody.
    expect(screen.queryByRole('option', { name: 'Vectors' })).toBeNull();
    await userEvent.click(strong);
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Start the fork' }),
    );
    await waitFor(() =>
      expect(sent).toEqual([
        [
          'fork',
          {
            fromStep: 1,
            model: 'model:default/strong',
            messages: [{ id: 1, content: 'Where is NH-7?' }],
          },
        ],
      ]),
    );
  });

  it('says in the dialog why a run cannot be repeated', async () => {
    server.use(http.get(`${BASE}/runs/run-1`, () => HttpResponse.json(run())));
    takeRepeats(() =>
      HttpResponse.json(
        {
          error: { name: 'InputError', message: 'No such model.' },
          response: { statusCode: 400 },
        },
        { status: 400 },
      ),
    );
    await open();
    await userEvent.click(
      await screen.findByRole('button', { name: 'More to do with the run' }),
    );
    await userEvent.click(
      await screen.findByRole('menuitem', {
        name: 'Run again with another model…',
      }),
    );
    const dialog = await screen.findByRole('dialog');
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Run again' }),
    );
    expect(await within(dialog).findByRole('alert')).toHaveTextContent(
      'No such model.',
    );
  });

  it('offers nobody what they may not do', async () => {
    // Decisions are remembered for an agent.
    const agentRef = 'agent:default/closed';
    server.use(
      http.get(`${BASE}/runs/run-1`, () =>
        HttpResponse.json({ ...FAILED, agentRef }),
      ),
    );
    await open('', 'DENY');
    await userEvent.click(
      await screen.findByRole('button', { name: 'More to do with the run' }),
    );
    expect(
      (await screen.findAllByRole('menuitem')).map(item => item.textContent),
    ).toEqual(['Copy link', 'Download as JSON']);
    expect(screen.queryByText(/Retry|Fork from|Run again/)).toBeNull();
  });

  it('leads to the run that it repeats and to those that repeat it', async () => {
    server.use(
      http.get(`${BASE}/runs/run-1`, () =>
        HttpResponse.json(run({ forkedFrom: { runId: 'run-0', step: 2 } })),
      ),
    );
    FORKS = [run({ id: 'run-9', steps: [] })];
    await open();
    expect(await screen.findByText(/from step 3/)).toBeInTheDocument();
    expect(await screen.findByText(/Repeated by/)).toBeInTheDocument();
    const hrefs = screen
      .getAllByRole('link', { name: 'Compare' })
      .map(link => link.getAttribute('href'));
    expect(hrefs).toEqual([
      '/runs/compare?left=run-0&right=run-1',
      '/runs/compare?left=run-1&right=run-9',
    ]);
  });

  it('says which trigger has started it', async () => {
    server.use(
      http.get(`${BASE}/runs/run-1`, () =>
        HttpResponse.json(
          run({
            createdBy: 'agent:default/order-desk',
            startedBy: { type: 'schedule', id: 't1', name: 'every-morning' },
          }),
        ),
      ),
    );
    await open();
    expect(
      (await screen.findByText('Schedule every-morning')).parentElement!
        .parentElement,
    ).toHaveTextContent(/^Schedule every-morning started Order Desk/);
  });
});

describe('the graph of a run', () => {
  const node = (
    id: string,
    state: string,
    fields: object = {},
  ): NonNullable<Run['graph']>['nodes'][0] =>
    ({ id, type: 'tool', state, ...fields } as never);
  const WORKFLOW = run({
    status: 'running',
    steps: [
      { ...STEPS[1], id: 'find', nodePath: 'find', index: 0 },
      {
        ...STEPS[1],
        id: 'ask',
        kind: 'agent',
        name: 'agent:default/scout',
        title: 'Stock Scout',
        nodePath: 'ask',
        index: 1,
      },
      { ...STEPS[0], id: 'thinks', parentId: 'ask', index: 2 },
    ],
    graph: {
      nodes: [
        node('find', 'succeeded'),
        node('ask', 'failed', { type: 'agent' }),
        node('plan', 'revised', { type: 'plan' }),
        node('each', 'running', {
          type: 'parallel',
          counts: { running: 1, succeeded: 2, failed: 0 },
        }),
        node('each.check', 'waiting', { parentId: 'each' }),
        node('tell-them', 'pending', { type: 'human' }),
        node('late', 'skipped', { type: 'wait' }),
      ],
      edges: [
        { from: 'find', to: 'ask', state: 'taken' },
        { from: 'find', to: 'each', state: 'taken', handle: 'late' },
        { from: 'each', to: 'tell-them', state: 'pending' },
      ],
    },
  });

  it('is what one sees first of a workflow, with a word for each state', async () => {
    server.use(
      http.get(`${BASE}/runs/run-1`, () =>
        HttpResponse.json({ ...WORKFLOW, status: 'failed' }),
      ),
    );
    await open();
    const graph = await screen.findByRole('group', {
      name: 'Graph of the run',
    });
    expect(
      within(graph)
        .getAllByRole('button')
        .map(button => button.getAttribute('aria-label')),
    ).toEqual([
      'Find order, Tool: Done',
      'Stock Scout, Agent: Failed',
      'Plan, Plan: Revised',
      'Each, For each: Running, 2 of 3',
      'Check, Tool: Waiting for a person',
      'Tell them, Person: Not yet',
      'Late, Wait: Skipped',
    ]);
    // Where it hurts, with what happened in it.
    expect(
      screen.getByRole('heading', { name: 'Stock Scout', level: 3 }),
    ).toBeInTheDocument();
    expect(screen.getAllByRole('option')).toHaveLength(2);
    // Of the run, and of what the agent did in it.
    expect(screen.getAllByText('$0.0042')).toHaveLength(2);
  });

  it('shows what happened in a node that is pressed or reached by arrows', async () => {
    server.use(
      http.get(`${BASE}/runs/run-1`, () =>
        HttpResponse.json({ ...WORKFLOW, status: 'failed' }),
      ),
    );
    await open();
    await userEvent.click(
      await screen.findByRole('button', { name: /^Find order/ }),
    );
    expect(screen.getByRole('region', { name: 'Arguments' })).toHaveTextContent(
      'NH-10042',
    );
    await userEvent.keyboard('{ArrowDown}');
    expect(screen.getByRole('button', { name: /^Stock Scout/ })).toHaveFocus();
    await userEvent.keyboard('{End}{ArrowUp}');
    expect(screen.getByText(/It has not begun/)).toBeInTheDocument();
  });

  it('is where a workflow is run again from a node that is chosen, with what others gave back', async () => {
    const asked = {
      ...WORKFLOW.steps[0],
      id: 'told',
      kind: 'node',
      title: 'Tell them',
      nodePath: 'tell-them',
      input: { question: 'How much?' },
      output: { amount: 7, text: '7' },
    };
    const sets = {
      ...asked,
      id: 'set',
      title: 'Set words',
      nodePath: 'set',
      index: 3,
      input: null,
      output: { text: 'Ink' },
    };
    const sums = {
      ...STEPS[0],
      id: 'sum',
      title: 'Sum up',
      nodePath: 'sum',
      index: 2,
      outputMessage: 6,
    };
    const [find, scout, ...more] = WORKFLOW.steps;
    let rehearsal = false;
    server.use(
      http.get(`${BASE}/runs/run-1`, () =>
        HttpResponse.json({
          ...WORKFLOW,
          rehearsal,
          status: 'succeeded',
          steps: [
            asked,
            { ...find, index: 1, outputMessage: 4 },
            sums,
            sets,
            { ...scout, index: 4, outputMessage: 5 },
            ...more,
          ],
          graph: {
            ...WORKFLOW.graph,
            nodes: [
              ...WORKFLOW.graph!.nodes,
              node('set', 'succeeded', { type: 'transform' }),
            ],
          },
          messages: [
            { id: 4, role: 'tool', toolCallId: 'find', content: 'In Lund.' },
            { id: 5, role: 'tool', toolCallId: 'ask', content: 'Two left.' },
            { id: 6, role: 'assistant', content: 'All is well.' },
          ],
        }),
      ),
    );
    const sent = takeRepeats();
    const { unmount } = await open();
    await userEvent.click(
      await screen.findByRole('button', { name: /^Stock Scout/ }),
    );
    // Outside of rehearsals people answered for that run alone.
    await expect(
      screen.findByRole(
        'button',
        { name: 'Run again from here…' },
        { timeout: 500 },
      ),
    ).rejects.toThrow();
    unmount();
    rehearsal = true;
    await open();
    await userEvent.click(
      await screen.findByRole('button', { name: /^Stock Scout/ }),
    );
    await userEvent.click(
      await screen.findByRole('button', { name: 'Run again from here…' }),
    );
    const dialog = await screen.findByRole('dialog');
    expect(dialog).toHaveTextContent(/does not depend on this step is kept/);
    const before = within(dialog).getByRole('textbox', {
      name: 'What Find order gave back (find)',
    });
    const answer = within(dialog).getByRole('textbox', {
      name: 'The answer to Tell them: amount',
    });
    await userEvent.type(answer, '0');
    await userEvent.type(
      within(dialog).getByRole('textbox', {
        name: 'What Sum up gave back (sum)',
      }),
      ' Nearly.',
    );
    await userEvent.type(
      within(dialog).getByRole('textbox', { name: 'What Set words set: text' }),
      's',
    );
    await userEvent.clear(before);
    await userEvent.type(before, 'In Kiel.');
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Run again' }),
    );
    await waitFor(() =>
      expect(sent).toEqual([
        [
          'fork',
          {
            fromStep: 4,
            messages: [
              { id: 4, content: 'In Kiel.' },
              { id: 6, content: 'All is well. Nearly.' },
            ],
            answers: [
              { step: 0, values: { amount: 70 } },
              { step: 3, values: { text: 'Inks' } },
            ],
          },
        ],
      ]),
    );
  });

  it('says of a node that it was kept, and offers no model where none is asked', async () => {
    server.use(
      http.get(`${BASE}/runs/run-1`, () =>
        HttpResponse.json({
          ...WORKFLOW,
          status: 'succeeded',
          forkedFrom: { runId: 'run-0', step: 1 },
          steps: [{ ...WORKFLOW.steps[0], kept: true }],
          graph: { nodes: [node('find', 'succeeded')], edges: [] },
        }),
      ),
    );
    await open();
    expect(
      await screen.findByRole('button', {
        name: 'Find order, Tool: Done, kept',
      }),
    ).toBeInTheDocument();
    expect(screen.getByText(/it was not done again/)).toBeInTheDocument();
    expect(screen.queryByText(/said that it should/)).toBeNull();
    await userEvent.click(
      screen.getByRole('button', { name: 'Run again from here…' }),
    );
    const dialog = await screen.findByRole('dialog');
    expect(within(dialog).queryByText('Model')).toBeNull();
    await userEvent.keyboard('{Escape}');
    await userEvent.click(
      screen.getByRole('button', { name: 'More to do with the run' }),
    );
    await screen.findByRole('menuitem', { name: 'Copy link' });
    expect(screen.queryByText(/with another model/)).toBeNull();
  });

  it('says of a node that it was said otherwise, and not that it did so', async () => {
    server.use(
      http.get(`${BASE}/runs/run-1`, () =>
        HttpResponse.json({
          ...WORKFLOW,
          status: 'succeeded',
          forkedFrom: { runId: 'run-0', step: 1 },
          steps: [{ ...WORKFLOW.steps[0], kept: true, edited: true }],
          graph: { nodes: [node('find', 'succeeded')], edges: [] },
        }),
      ),
    );
    await open();
    expect(
      await screen.findByRole('button', {
        name: 'Find order, Tool: Said otherwise',
      }),
    ).toBeInTheDocument();
    expect(
      screen.getByText(/somebody said that it should have come to this/),
    ).toBeInTheDocument();
  });

  it('goes on with the run', async () => {
    const stream = openStream();
    let now = WORKFLOW;
    server.use(
      http.get(`${BASE}/runs/run-1`, () => HttpResponse.json(now)),
      http.get(
        `${BASE}/runs/run-1/events`,
        () => new HttpResponse(stream.body),
      ),
    );
    await open();
    await screen.findByRole('button', { name: 'Tell them, Person: Not yet' });
    now = {
      ...WORKFLOW,
      graph: {
        ...WORKFLOW.graph!,
        nodes: WORKFLOW.graph!.nodes.map(each =>
          each.id === 'tell-them' ? { ...each, state: 'running' } : each,
        ),
      },
    };
    stream.send({
      type: 'CUSTOM',
      name: 'agent-portal.step',
      value: {
        step: { ...STEPS[1], id: 's9', nodePath: 'tell-them', index: 9 },
      },
    });
    expect(
      await screen.findByRole(
        'button',
        { name: /, Person: Running$/ },
        { timeout: 5_000 },
      ),
    ).toBeInTheDocument();
  });

  it('is read less often when that takes long', async () => {
    const stream = openStream();
    let reads = 0;
    server.use(
      http.get(`${BASE}/runs/run-1`, async () => {
        reads += 1;
        await delay(200);
        return HttpResponse.json(WORKFLOW);
      }),
      http.get(
        `${BASE}/runs/run-1/events`,
        () => new HttpResponse(stream.body),
      ),
    );
    await open();
    await screen.findByRole('group', { name: 'Graph of the run' });
    for (let index = 9; index < 45; index += 1) {
      const step = { ...STEPS[1], id: `s${index}`, index };
      const name = 'agent-portal.step';
      stream.send({ type: 'CUSTOM', name, value: { step } });
      await delay(100);
    }
    // Once for the page, and once for all that happened since.
    expect(reads).toBe(2);
  }, 15_000);

  it('has the agents that handed work on, and none when one worked alone', async () => {
    server.use(
      http.get(`${BASE}/runs/run-1`, () =>
        HttpResponse.json(
          run({
            steps: [
              STEPS[0],
              { ...WORKFLOW.steps[1], nodePath: undefined },
              { ...STEPS[1], id: 'inner', parentId: 'ask', index: 2 },
            ].map((step, index) => ({
              ...step,
              id: `${index}`,
              index,
              parentId: index === 2 ? '1' : undefined,
            })),
          }),
        ),
      ),
    );
    await open('?tab=graph');
    expect(
      await screen.findByRole('button', { name: 'Order Desk, Agent: Done' }),
    ).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('button', { name: 'Stock Scout, Agent: Done' }),
    );
    expect(screen.getAllByRole('option')).toHaveLength(2);
  });

  it('is not offered where one agent worked alone', async () => {
    server.use(http.get(`${BASE}/runs/run-1`, () => HttpResponse.json(run())));
    await open('?tab=graph');
    expect(await screen.findByRole('listbox', { name: 'Steps' })).toBeVisible();
    expect(screen.queryByRole('radio', { name: 'Graph' })).toBeNull();
  });
});
