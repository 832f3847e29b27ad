import type { AgentSummary } from '@agentportal/plugin-agents-common';
import {
  OrchestrationClient,
  type Run,
} from '@agentportal/plugin-orchestration-common';
import { useAppLocation } from '@backstage/frontend-plugin-api';
import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import {
  EntityProvider,
  entityRouteRef,
} from '@backstage/plugin-catalog-react';
import { registerMswTestHooks } from '@backstage/test-utils';
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { orchestrationApiRef } from '../api';
import { type FeedbackApi, feedbackApiRef } from '../api/feedbackApiRef';
import { agentChoicesApiRef } from '../api/agentChoicesApiRef';
import { rootRouteRef } from '../routes';
import { ChatTab } from './ChatTab';

const BASE = 'http://portal.test/api/orchestration';
const server = setupServer();
registerMswTestHooks(server);

const AGENT = {
  apiVersion: 'agentportal.dev/v1alpha1',
  kind: 'Agent',
  metadata: { name: 'order-desk', namespace: 'default', title: 'Order Desk' },
  spec: {
    type: 'assistant',
    lifecycle: 'production',
    owner: 'group:default/customer-care',
    autonomy: 'supervised',
    exampleQuestions: ['Where is my parcel?'],
  },
};

function run(id: string, fields: Partial<Run> = {}): Run {
  return {
    id,
    agentRef: 'agent:default/order-desk',
    threadId: 'thread-1',
    status: 'succeeded',
    createdBy: 'user:default/guest',
    input: { message: 'Where is my parcel?' },
    usage: {
      inputTokens: 900,
      outputTokens: 50,
      costNanoUsd: 0,
      modelCalls: 2,
      toolCalls: 1,
    },
    createdAt: '2026-11-22T10:00:00.000Z',
    durationMs: 1500,
    steps: [
      {
        id: 'track',
        index: 0,
        kind: 'tool',
        name: 'logistics.track_shipment',
        title: 'Track shipment',
        riskTier: 'read',
        status: 'succeeded',
        startedAt: '2026-11-22T10:00:00.000Z',
        finishedAt: '2026-11-22T10:00:01.000Z',
        durationMs: 1000,
        input: { shipmentId: 'SH-1' },
        output: { content: [{ type: 'text', text: 'In Malmö.' }] },
      },
    ],
    ...fields,
  };
}

/** A backend with one conversation whose runs the test lets end. */
function serveChat() {
  const encoder = new TextEncoder();
  const state = {
    asked: [] as Array<Record<string, unknown>>,
    cancelled: [] as string[],
    ended: new Map<string, Run>(),
    streams: new Map<string, ReadableStreamDefaultController<Uint8Array>>(),
    send(runId: string, event: object) {
      state.streams
        .get(runId)
        ?.enqueue(encoder.encode(`id: 1\ndata: ${JSON.stringify(event)}\n\n`));
    },
    end(runId: string, ended: Run) {
      state.ended.set(runId, ended);
      state.send(runId, { type: 'RUN_FINISHED', threadId: 't', runId });
      state.streams.get(runId)?.close();
    },
  };
  server.use(
    http.get(`${BASE}/threads`, () => HttpResponse.json({ items: [] })),
    http.post(`${BASE}/runs`, async ({ request }) => {
      state.asked.push((await request.json()) as Record<string, unknown>);
      return HttpResponse.json(
        {
          id: `run-${state.asked.length}`,
          status: 'queued',
          threadId: 'thread-1',
        },
        { status: 201 },
      );
    }),
    http.get(`${BASE}/runs/:id`, ({ params }) => {
      const id = String(params.id);
      return HttpResponse.json(
        state.ended.get(id) ?? run(id, { status: 'running', steps: [] }),
      );
    }),
    http.get(`${BASE}/runs/:id/events`, ({ params }) => {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          state.streams.set(String(params.id), controller);
        },
      });
      return new HttpResponse(body);
    }),
    http.post(`${BASE}/runs/:id/cancel`, ({ params }) => {
      const id = String(params.id);
      state.cancelled.push(id);
      state.end(id, run(id, { status: 'cancelled', steps: [] }));
      return HttpResponse.json(run(id, { status: 'cancelled' }));
    }),
  );
  return state;
}

const Search = () => <output>{useAppLocation().search}</output>;

async function show(
  search = '',
  standing: AgentSummary['standing'] | Promise<AgentSummary['standing']> = {
    state: 'active',
    allowed: true,
  },
  feedback?: FeedbackApi,
) {
  await renderInTestApp(
    <EntityProvider entity={AGENT}>
      <ChatTab />
      <Search />
    </EntityProvider>,
    {
      initialRouteEntries: [`/${search}`],
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
          agentChoicesApiRef,
          {
            listAgents: async () => ({ items: [], totalItems: 0 }),
            getAgent: async () =>
              ({ standing: await standing } as AgentSummary),
          },
        ],
        mockApis.permission(),
        ...(feedback ? [[feedbackApiRef, feedback] as const] : []),
      ],
    },
  );
}

async function open(search = '') {
  await show(search);
  return screen.findByRole('textbox', { name: 'Message to Order Desk' });
}

describe('the chat of an agent', () => {
  it('takes an example, asks when it is sent, shows the answer while it is written, and what it took', async () => {
    const backend = serveChat();
    const box = await open();
    await userEvent.click(
      await screen.findByRole('button', { name: 'Where is my parcel?' }),
    );
    expect(box).toHaveValue('Where is my parcel?');
    expect(box).toHaveFocus();
    expect(backend.asked).toEqual([]);
    await userEvent.keyboard('{Enter}');
    await waitFor(() => expect(backend.streams.has('run-1')).toBe(true));
    expect(backend.asked).toEqual([
      {
        agentRef: 'agent:default/order-desk',
        input: { message: 'Where is my parcel?' },
      },
    ]);
    expect(screen.getByText('?thread=thread-1')).toBeInTheDocument();

    backend.send('run-1', { type: 'TEXT_MESSAGE_START', messageId: 'm' });
    backend.send('run-1', {
      type: 'TEXT_MESSAGE_CONTENT',
      messageId: 'm',
      delta: 'It is in',
    });
    expect(await screen.findByText('It is in')).toBeInTheDocument();

    const ended = run('run-1', { output: { message: 'It is in Malmö.' } });
    backend.end('run-1', {
      ...ended,
      steps: ended.steps.map(step => ({
        ...step,
        hidden: ['secret', 'personal-data'],
      })),
    });
    expect(await screen.findByText('It is in Malmö.')).toBeInTheDocument();
    // Below the answer, and in the step that is open.
    expect(
      screen.getAllByText(
        'The guard of the portal hid a secret and personal data from the model, or in its answer.',
      ),
    ).toHaveLength(2);
    expect(screen.getByText('950 tokens')).toBeInTheDocument();
    expect(screen.getByText('1.5 s')).toBeInTheDocument();
    const rail = screen.getByRole('complementary', { name: 'What happened' });
    await userEvent.click(
      within(rail).getByRole('button', { name: /Track shipment/ }),
    );
    expect(within(rail).getByText(/In Malmö\./)).toBeInTheDocument();
  });

  it('takes a thumb for an answer, asks why, and says when it was not kept', async () => {
    const backend = serveChat();
    const given: object[] = [];
    let refuse = false;
    await show('', undefined, {
      listFeedback: async () => ({ items: [] }),
      giveFeedback: async body => {
        if (refuse) {
          // As the client of a backend that refuses does.
          throw Object.assign(
            new Error('Request failed with 429 Too Many Requests', {
              cause: new Error('Ask later.'),
            }),
            { name: 'ResponseError' },
          );
        }
        given.push(body);
        return { ...body, id: 'f', agentRef: '', at: '' };
      },
    });
    const box = await screen.findByRole('textbox', {
      name: 'Message to Order Desk',
    });
    await userEvent.type(box, 'Where?{Enter}');
    await waitFor(() => expect(backend.streams.has('run-1')).toBe(true));
    backend.end('run-1', run('run-1', { output: { message: 'In Malmö.' } }));
    const down = await screen.findByRole('button', { name: 'Bad answer' });
    await userEvent.click(down);
    expect(await screen.findByText('Thank you.')).toBeInTheDocument();
    expect(down).toHaveAttribute('aria-pressed', 'true');
    await userEvent.type(
      screen.getByRole('textbox', { name: 'What was wrong?' }),
      'It is in Lund.',
    );
    await userEvent.click(screen.getByRole('button', { name: 'Send comment' }));
    await waitFor(() =>
      expect(given).toEqual([
        { runId: 'run-1', rating: 'down' },
        { runId: 'run-1', rating: 'down', comment: 'It is in Lund.' },
      ]),
    );
    refuse = true;
    await userEvent.click(screen.getByRole('button', { name: 'Good answer' }));
    expect(
      await screen.findByText('It was not kept: Ask later.'),
    ).toBeInTheDocument();
    expect(down).toHaveAttribute('aria-pressed', 'true');
  });

  it('sends with Enter, breaks lines with Shift and Enter, and goes on in the thread', async () => {
    const backend = serveChat();
    const box = await open();
    await userEvent.type(box, 'One{Shift>}{Enter}{/Shift}two{Enter}');
    await waitFor(() => expect(backend.streams.has('run-1')).toBe(true));
    expect(backend.asked[0].input).toEqual({ message: 'One\ntwo' });
    backend.end('run-1', run('run-1', { output: { message: 'First.' } }));
    await screen.findByText('First.');

    await userEvent.type(box, 'Three{Enter}');
    await waitFor(() => expect(backend.asked).toHaveLength(2));
    expect(backend.asked[1].threadId).toBe('thread-1');
    // The answer before stays where it was.
    expect(screen.getByText('First.')).toBeInTheDocument();
  });

  it('stops a run and retries it', async () => {
    const backend = serveChat();
    const box = await open();
    await userEvent.type(box, 'Hello{Enter}');
    await waitFor(() => expect(backend.streams.has('run-1')).toBe(true));
    await userEvent.click(screen.getByRole('button', { name: 'Stop' }));
    expect(await screen.findByText('Stopped')).toBeInTheDocument();
    expect(backend.cancelled).toEqual(['run-1']);

    await userEvent.click(screen.getByRole('button', { name: 'Retry' }));
    await waitFor(() => expect(backend.asked).toHaveLength(2));
    expect(backend.asked[1].input).toEqual({ message: 'Hello' });
  });

  it('stops a run that has no id yet as soon as it has one', async () => {
    const backend = serveChat();
    let accept = () => {};
    const accepted = new Promise<void>(resolve => {
      accept = resolve;
    });
    server.use(
      http.post(`${BASE}/runs`, async () => {
        await accepted;
      }),
    );
    const box = await open();
    await userEvent.type(box, 'Hello{Enter}');
    await userEvent.click(screen.getByRole('button', { name: 'Stop' }));
    const buttons = screen.getByRole('textbox').closest('form')!;
    expect(within(buttons).getByRole('button')).toHaveTextContent('Stopping');
    expect(
      within(screen.getByRole('article')).getByText('Stopping'),
    ).toBeInTheDocument();
    expect(backend.cancelled).toEqual([]);

    accept();
    await waitFor(() => expect(backend.cancelled).toEqual(['run-1']));
    expect(await screen.findByText('Stopped')).toBeInTheDocument();
  });

  it('says so when a question could not be sent, and sends it again', async () => {
    const backend = serveChat();
    server.use(
      http.post(
        `${BASE}/runs`,
        () =>
          HttpResponse.json(
            {
              error: {
                name: 'ServiceUnavailableError',
                message: 'The queue is not there.',
              },
              response: { statusCode: 503 },
            },
            { status: 503 },
          ),
        { once: true },
      ),
    );
    const box = await open();
    await userEvent.type(box, 'Hello{Enter}');
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'The queue is not there.',
    );
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await waitFor(() => expect(backend.asked).toHaveLength(1));
    expect(screen.getAllByText('Hello')).toHaveLength(1);
  });

  it('counts a long message, and says before sending how much is too much', async () => {
    const backend = serveChat();
    const box = await open();
    fireEvent.change(box, { target: { value: 'x'.repeat(3_199) } });
    expect(screen.queryByText(/characters/)).not.toBeInTheDocument();
    fireEvent.change(box, { target: { value: 'x'.repeat(4_000) } });
    expect(screen.getByText('4,000 of 4,000 characters.')).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Send' })).toBeEnabled();
    fireEvent.change(box, { target: { value: 'x'.repeat(4_012) } });
    expect(box).toBeInvalid();
    expect(
      screen.getByText(/4,012 of 4,000.* Shorten it by 12, or ask in two/),
    ).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Send' })).toBeDisabled();
    await userEvent.type(box, '{Enter}');
    expect(backend.asked).toHaveLength(0);
  });

  it('says calmly from when it takes questions again', async () => {
    serveChat();
    server.use(
      http.post(`${BASE}/runs`, () =>
        HttpResponse.json(
          {
            error: {
              name: 'TooManyRequestsError',
              message: 'You have 5 runs waiting',
            },
            response: { statusCode: 429 },
          },
          { status: 429, headers: { 'retry-after': '30' } },
        ),
      ),
    );
    const box = await open();
    await userEvent.type(box, 'Hello{Enter}');
    expect(await screen.findByRole('note')).toHaveTextContent(
      /You have 5 runs waiting\. You can go on at \d/,
    );
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Try again' })).toBeEnabled();
  });

  it('marks the conversations in which the agent waits for a person', async () => {
    serveChat();
    const thread = (id: string, isWaiting: boolean) => ({
      id,
      agentRef: 'agent:default/order-desk',
      title: `About ${id}`,
      updatedAt: '2026-11-22T10:00:00Z',
      runCount: 1,
      isWaiting,
    });
    server.use(
      http.get(`${BASE}/threads`, () =>
        HttpResponse.json({
          items: [thread('refunds', true), thread('parcels', false)],
        }),
      ),
    );
    await open();
    const button = (name: RegExp) => screen.findByRole('button', { name });
    expect(await button(/^About refunds/)).toHaveTextContent(
      'Waiting for a person',
    );
    expect(await button(/^About parcels/)).not.toHaveTextContent('Waiting');
  });

  it('opens a conversation by its URL', async () => {
    const backend = serveChat();
    backend.ended.set('old', run('old', { output: { message: 'Yes.' } }));
    server.use(
      http.get(`${BASE}/threads/:id`, () =>
        HttpResponse.json({
          id: 'thread-9',
          agentRef: 'agent:default/order-desk',
          messages: [
            {
              role: 'user',
              content: 'Was it sent?',
              runId: 'old',
              createdAt: '2026-11-22T10:00:00Z',
            },
            {
              role: 'assistant',
              content: 'Yes.',
              runId: 'old',
              createdAt: '2026-11-22T10:00:01Z',
            },
          ],
        }),
      ),
    );
    await open('?thread=thread-9');
    expect(await screen.findByText('Was it sent?')).toBeInTheDocument();
    expect(screen.getByText('Yes.')).toBeInTheDocument();
    expect(
      (await screen.findAllByText('Track shipment')).length,
    ).toBeGreaterThan(0);
  });

  it.each([
    [
      'suspended',
      'Order Desk was suspended by user:default/elin on 2026-11-28, so it may not act: wrong refunds.',
      'Order Desk was suspended by elin on 2026-11-28, so it may not act: wrong refunds. Ask customer-care if you need it.',
    ],
    [
      'active',
      'Order Desk is experimental, so only its owner group:default/customer-care may use it. Ask the owner to bring it into production.',
      'Order Desk is experimental, so only its owner customer-care may use it. Ask the owner to bring it into production.',
    ],
  ] as const)(
    'offers nothing to ask an agent that is %s and not for this person, and says why',
    async (state, reason, read) => {
      serveChat();
      await show('', { state, allowed: false, reason });
      const note = await screen.findByRole('note');
      await waitFor(() => expect(note).toHaveTextContent(read));
      expect(screen.queryByRole('textbox')).not.toBeInTheDocument();
      expect(
        screen.queryByRole('button', { name: /Where is my parcel|Send/ }),
      ).not.toBeInTheDocument();
    },
  );

  it('offers nothing until it is known whether the agent answers this person', async () => {
    serveChat();
    let know = (_: AgentSummary['standing']) => {};
    const known = new Promise<AgentSummary['standing']>(resolve => {
      know = resolve;
    });
    await show('', known);
    await screen.findByText('Loading');
    expect(screen.queryByRole('textbox')).not.toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: 'Where is my parcel?' }),
    ).not.toBeInTheDocument();
    know({ state: 'active', allowed: true });
    expect(
      await screen.findByRole('textbox', { name: 'Message to Order Desk' }),
    ).toHaveFocus();
    expect(
      screen.getByRole('button', { name: 'Where is my parcel?' }),
    ).toBeEnabled();
  });

  it('does not say that a tool was used whose call was refused', async () => {
    const backend = serveChat();
    const box = await open();
    await userEvent.type(box, 'Hello{Enter}');
    await waitFor(() => expect(backend.streams.has('run-1')).toBe(true));
    const [step] = run('run-1').steps;
    backend.end(
      'run-1',
      run('run-1', {
        output: { message: 'I may not look at shipments.' },
        steps: [
          {
            ...step,
            status: 'failed',
            error: { name: 'ToolError', message: 'A rule refuses it.' },
          },
        ],
      }),
    );
    await screen.findByText('I may not look at shipments.');
    const article = screen.getByRole('article');
    expect(article).toHaveTextContent('Could not use Track shipment');
    expect(article).not.toHaveTextContent('Used Track shipment');
  });

  it('does not say of a step of a workflow that it was used, as a tool is', async () => {
    const backend = serveChat();
    const box = await open();
    await userEvent.type(box, 'Hello{Enter}');
    await waitFor(() => expect(backend.streams.has('run-1')).toBe(true));
    const [step] = run('run-1').steps;
    backend.end(
      'run-1',
      run('run-1', {
        output: { message: 'Planned and done.' },
        steps: [{ ...step, kind: 'node', name: 'plan', title: 'Plan' }],
      }),
    );
    await screen.findByText('Planned and done.');
    const article = screen.getByRole('article');
    expect(article).toHaveTextContent('Step Plan');
    expect(article).not.toHaveTextContent('Used Plan');
  });

  it('goes on saying who stopped an answer, why, and what there was of it', async () => {
    const backend = serveChat();
    const box = await open();
    await userEvent.type(box, 'Hello{Enter}');
    await waitFor(() => expect(backend.streams.has('run-1')).toBe(true));
    backend.send('run-1', { type: 'TEXT_MESSAGE_START', messageId: 'm' });
    backend.send('run-1', {
      type: 'TEXT_MESSAGE_CONTENT',
      messageId: 'm',
      delta: 'It is in',
    });
    await screen.findByText('It is in');
    backend.end(
      'run-1',
      run('run-1', {
        status: 'cancelled',
        error: {
          name: 'DelegationEnded',
          message: 'Order Desk was suspended by user:default/elin: too chatty.',
        },
      }),
    );
    const first = await screen.findByRole('article');
    const note = await within(first).findByRole('note');
    const why = 'It was stopped. Order Desk was suspended by elin: too chatty.';
    await waitFor(() => expect(note).toHaveTextContent(why));
    expect(within(first).getByText('It is in')).toBeInTheDocument();
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: /Retry|Try again/ }),
    ).not.toBeInTheDocument();

    // The stream of a run that has ended tells it from its start again.
    server.use(
      http.get(
        `${BASE}/runs/run-1/events`,
        () =>
          new HttpResponse(
            [
              { type: 'TEXT_MESSAGE_START', messageId: 'm' },
              {
                type: 'TEXT_MESSAGE_CONTENT',
                messageId: 'm',
                delta: 'It is in',
              },
              { type: 'RUN_FINISHED', threadId: 't', runId: 'run-1' },
            ]
              .map((event, i) => `id: ${i}\ndata: ${JSON.stringify(event)}\n\n`)
              .join(''),
          ),
      ),
    );
    await userEvent.type(box, 'And now?{Enter}');
    await waitFor(() => expect(backend.asked).toHaveLength(2));
    expect(await within(first).findByText('It is in')).toBeInTheDocument();
    await waitFor(() =>
      expect(within(first).getByRole('note')).toHaveTextContent(why),
    );
    expect(screen.queryByText('It gave no answer.')).not.toBeInTheDocument();
  });
});
