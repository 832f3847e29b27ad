import type {
  Span,
  SpanDetails,
  Trace,
} from '@agentportal/plugin-traces-common';
import { useAppLocation } from '@backstage/frontend-plugin-api';
import { registerMswTestHooks } from '@backstage/test-utils';
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import {
  BASE,
  openPage,
  server,
  span,
  trace,
} from '../__testUtils__/tracesServer';
import { TracesPage } from '../list/TracesPage';

registerMswTestHooks(server);

const ID = 'a'.repeat(32);

const SPANS = [
  span('ask', 0, { kind: 'agent', childCount: 2, durationMs: 2_400 }),
  span('chat', 1, {
    kind: 'model',
    childCount: 1,
    model: 'builtin/extractive',
    tokens: { inputTokens: 900, outputTokens: 40, cacheReadTokens: 300 },
    costNanoUsd: 4_200_000,
    costReckoned: true,
  }),
  span('think', 2, { kind: 'other' }),
  span('find', 1, { tool: 'tool:default/orders.find_order' }),
];

/** Pages of the tree, each with a link to the next. */
function serve(
  pages: Span[][] = [SPANS],
  fields: Partial<Trace> = {},
  details: Partial<SpanDetails> = {},
) {
  const totalItems = pages.flat().length;
  server.use(
    http.get(`${BASE}/traces/${ID}`, () => HttpResponse.json(trace(fields))),
    http.get(`${BASE}/traces/${ID}/spans`, ({ request }) => {
      const at = Number(new URL(request.url).searchParams.get('cursor') ?? 0);
      return HttpResponse.json({
        items: pages[at],
        totalItems,
        ...(pages[at + 1] && { nextCursor: String(at + 1) }),
      });
    }),
    http.get(`${BASE}/traces/${ID}/spans/:spanId`, ({ params }) =>
      HttpResponse.json({
        spanId: params.spanId,
        attributes: { 'gen_ai.operation.name': `of ${params.spanId}` },
        events: [],
        resource: { 'service.name': 'order-desk' },
        scope: '',
        leftOutCharacters: 0,
        ...details,
      }),
    ),
  );
}

function Address() {
  return <output>{useAppLocation().search}</output>;
}

const open = (search = '') =>
  openPage(
    <>
      <TracesPage />
      <Address />
    </>,
    { path: `/traces/${ID}${search}` },
  );
const tree = () => screen.findByRole('tree', { name: 'Spans' });
const shown = () =>
  screen
    .getAllByRole('treeitem')
    .map(item => item.getAttribute('aria-label')!.split(',')[0]);
const chosen = () =>
  screen.getByRole('treeitem', { selected: true }).getAttribute('aria-label');

describe('the page of a trace', () => {
  it('sums it up and shows its spans with their kinds, open as a tree', async () => {
    serve(undefined, { runId: 'run-1', errors: 1 });
    await open();
    expect(
      await screen.findByRole('heading', { name: 'Call of order-desk' }),
    ).toBeInTheDocument();
    expect(screen.getByText('3 spans, 1 failed')).toBeInTheDocument();
    expect(screen.getByText('1.2k tokens')).toBeInTheDocument();
    expect(screen.getByText('$0.02')).toBeInTheDocument();
    await tree();
    expect(shown()).toEqual([
      'Agent: ask',
      'Model: chat',
      'Other: think',
      'Tool: find',
    ]);
    expect(screen.getByRole('treeitem', { name: /think/ })).toHaveAttribute(
      'aria-level',
      '3',
    );
  });

  it('is walked, closed, opened and read by keyboard', async () => {
    serve();
    await open();
    (await tree()).focus();
    await userEvent.keyboard('{ArrowDown}');
    expect(chosen()).toContain('chat');
    await userEvent.keyboard('{ArrowLeft}');
    expect(shown()).toEqual(['Agent: ask', 'Model: chat', 'Tool: find']);
    await userEvent.keyboard('{ArrowLeft}');
    expect(chosen()).toContain('ask');
    await userEvent.keyboard('{ArrowDown}{ArrowRight}{ArrowRight}');
    expect(chosen()).toContain('think');
    await userEvent.keyboard('{End}');
    expect(chosen()).toContain('find');
    await userEvent.keyboard('{Enter}');
    expect(document.activeElement).toContainElement(
      screen.getByRole('heading', { name: 'find' }),
    );
    await userEvent.keyboard('{Escape}');
    expect(await tree()).toHaveFocus();
  });

  it('tells what is known of the span in its address', async () => {
    serve(
      undefined,
      {},
      {
        attributes: {
          'gen_ai.request.temperature': 0.2,
          'gen_ai.input.messages': `[{"role":"user","content":"${'Where is it? '.repeat(
            20,
          )}"}]`,
          'agentportal.approval': 'approval-1',
        },
        events: [
          {
            name: 'exception',
            at: '2026-11-22T10:00:00.250Z',
            attributes: { 'exception.type': 'Timeout' },
          },
        ],
        leftOutCharacters: 1_234,
      },
    );
    await open('?span=chat');
    expect(
      await screen.findByText('900 in (300 from a cache), 40 out'),
    ).toBeInTheDocument();
    expect(screen.getByText('$0.0042, by the price list')).toBeInTheDocument();
    expect(
      await screen.findByRole('row', {
        name: 'gen_ai.request.temperature 0.2',
      }),
    ).toBeInTheDocument();
    expect(
      screen.getByRole('region', { name: 'gen_ai.input.messages' }),
    ).toHaveTextContent('"role": "user"');
    expect(screen.getByText('10:00:00.250 UTC')).toBeInTheDocument();
    expect(screen.getByText(/^1,234 characters are not kept/)).toBeVisible();
    expect(
      screen.getByRole('button', { name: 'Copy link to this span' }),
    ).toBeInTheDocument();
  });

  it('begins at the span that failed', async () => {
    serve([
      [
        { ...SPANS[0], status: 'error' },
        ...SPANS.slice(1, 3),
        { ...SPANS[3], status: 'error', error: 'TimeoutError' },
      ],
    ]);
    await open();
    await tree();
    expect(chosen()).toContain('find');
    expect(screen.getByText('TimeoutError')).toBeInTheDocument();
  });

  it('searches inside, keeps that in the address, and goes from one to the next', async () => {
    serve();
    await open();
    await tree();
    const field = screen.getByRole('searchbox', {
      name: 'Search in this trace',
    });
    await userEvent.type(field, 'builtin');
    await waitFor(() => expect(shown()).toEqual(['Agent: ask', 'Model: chat']));
    expect(screen.getByText(/^1 of 4/)).toBeInTheDocument();
    await userEvent.keyboard('{Enter}');
    expect(chosen()).toContain('chat');
    expect(
      await screen.findByText('?find=builtin&span=chat'),
    ).toBeInTheDocument();
  });

  it('draws what is seen of 6,000 spans, which come page by page', async () => {
    const many = Array.from({ length: 6_000 }, (_, n) =>
      span(`span-${n}`, n === 0 ? 0 : 1, { childCount: n === 0 ? 5_999 : 0 }),
    );
    serve(
      Array.from({ length: 3 }, (_, n) =>
        many.slice(n * 2_000, n * 2_000 + 2_000),
      ),
    );
    await open('?span=span-5990');
    await tree();
    await waitFor(() => expect(chosen()).toContain('span-5990'));
    expect(screen.getAllByRole('treeitem').length).toBeLessThan(100);
  });

  it('says so when spans are no longer kept, and when there is no such trace', async () => {
    serve([[]], { keeps: 'summary' });
    const { unmount } = await open();
    expect(
      await screen.findByText('No spans are kept of this trace'),
    ).toBeInTheDocument();
    unmount();
    server.use(
      http.get(`${BASE}/traces/${ID}`, () =>
        HttpResponse.json(
          {
            error: { name: 'NotFoundError', message: 'No such trace' },
            response: { statusCode: 404 },
          },
          { status: 404 },
        ),
      ),
    );
    await open();
    expect(
      await screen.findByText('There is no such trace (yet)'),
    ).toBeInTheDocument();
    expect(
      screen.getByRole('button', { name: 'Look again' }),
    ).toBeInTheDocument();
  });

  it('does not call a trace missing that only could not be read', async () => {
    server.use(
      http.get(`${BASE}/traces/${ID}`, () =>
        HttpResponse.json({ error: { name: 'Error' } }, { status: 503 }),
      ),
    );
    await open();
    expect(
      await screen.findByText('The trace could not be loaded'),
    ).toBeInTheDocument();
  });

  it('is flagged with a reason, and the flag taken away again', async () => {
    serve([SPANS], { mayFlag: true });
    const told: unknown[] = [];
    const flag = {
      reason: 'Refunded twice',
      by: 'user:default/dana',
      at: '2026-11-22T11:00:00.000Z',
    };
    server.use(
      http.put(`${BASE}/traces/${ID}/flag`, async ({ request }) => {
        told.push(await request.json());
        serve([SPANS], { mayFlag: true, flag });
        return HttpResponse.json(trace({ flag }));
      }),
      http.delete(`${BASE}/traces/${ID}/flag`, () => {
        told.push('away');
        serve([SPANS], { mayFlag: true });
        return HttpResponse.json(trace());
      }),
    );
    await open();
    await userEvent.click(await screen.findByRole('button', { name: 'Flag' }));
    expect(screen.getByRole('button', { name: 'Flag it' })).toBeDisabled();
    await userEvent.type(
      screen.getByLabelText('What should be looked at'),
      'Refunded twice',
    );
    await userEvent.click(screen.getByRole('button', { name: 'Flag it' }));
    expect(await screen.findByText(/Flagged by/)).toHaveTextContent(
      /dana.*Refunded twice/,
    );
    await userEvent.click(
      screen.getByRole('button', { name: 'Take the flag away' }),
    );
    await userEvent.click(
      await screen.findByRole('button', { name: 'Take it away' }),
    );
    await waitFor(() =>
      expect(screen.queryByText(/Flagged by/)).not.toBeInTheDocument(),
    );
    expect(told).toEqual([{ reason: 'Refunded twice' }, 'away']);
  });

  it('is compared with another of its agent, step by step', async () => {
    const other = 'b'.repeat(32);
    serve();
    server.use(
      http.get(`${BASE}/traces`, ({ request }) => {
        const { searchParams } = new URL(request.url);
        return HttpResponse.json({
          items:
            searchParams.get('agentRef') === 'agent:default/order-desk'
              ? [trace(), trace({ traceId: other, title: 'Before' })]
              : [],
        });
      }),
      http.get(`${BASE}/traces/${other}`, () =>
        HttpResponse.json(trace({ traceId: other, title: 'Before' })),
      ),
      http.get(`${BASE}/traces/${other}/spans`, () =>
        HttpResponse.json({
          items: [{ ...SPANS[0], status: 'error' }, SPANS[1], SPANS[2]],
          totalItems: 3,
        }),
      ),
    );
    await open();
    await userEvent.click(
      await screen.findByRole('button', { name: 'Compare' }),
    );
    await userEvent.click(
      await screen.findByRole('button', { name: /Compare with/ }),
    );
    await userEvent.click(
      await screen.findByRole('option', { name: /Before/ }),
    );
    expect(await screen.findByText('2 of 4 steps differ')).toBeVisible();
    expect(screen.getByText('other outcome').closest('tr')).toHaveTextContent(
      /ask.*ask/,
    );
    expect(screen.getByText('only here').closest('tr')).toHaveTextContent(
      /find.*–/,
    );
    expect(screen.getByText(`?compare=${other}`)).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('switch', { name: 'Only what differs' }),
    );
    expect(screen.queryByText('think')).not.toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('button', { name: 'End the comparison' }),
    );
    expect(await screen.findByRole('tree')).toBeInTheDocument();
  });
});
