import {
  OrchestrationClient,
  type Run,
  type RunStep,
} from '@agentportal/plugin-orchestration-common';
import { renderInTestApp } from '@backstage/frontend-test-utils';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { registerMswTestHooks } from '@backstage/test-utils';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { orchestrationApiRef } from '../api';
import { rootRouteRef } from '../routes';
import { ComparePage } from './ComparePage';

const BASE = 'http://portal.test/api/orchestration';
const server = setupServer();
registerMswTestHooks(server);

let index = 0;
function step(kind: 'model' | 'tool', fields: Partial<RunStep> = {}): RunStep {
  index += 1;
  return {
    id: `s${index}`,
    index,
    kind,
    name: kind === 'model' ? 'economical' : 'orders.find_order',
    title: kind === 'tool' ? 'Find order' : undefined,
    status: 'succeeded',
    startedAt: '2026-11-22T10:00:00.000Z',
    durationMs: 100,
    input: {},
    ...fields,
  };
}

function run(id: string, fields: Partial<Run>): Run {
  return {
    id,
    agentRef: 'agent:default/order-desk',
    threadId: 't',
    status: 'succeeded',
    createdBy: 'user:default/guest',
    input: { message: 'Where is it?' },
    usage: {
      inputTokens: 1000,
      outputTokens: 0,
      costNanoUsd: 20_000_000,
      modelCalls: 2,
      toolCalls: 1,
    },
    createdAt: '2026-11-22T10:00:00.000Z',
    durationMs: 2000,
    steps: [],
    ...fields,
  };
}

const left = run('a', {
  output: { message: 'It is in Malmö.' },
  steps: [
    { ...step('model', { modelId: 'small' }), index: 0 },
    { ...step('tool', { input: { number: '1' } }), index: 1 },
    { ...step('model', { modelId: 'small' }), index: 2 },
  ],
});
const right = run('b', {
  forkedFrom: { runId: 'a', step: 1 },
  output: { message: 'It is in Lund.' },
  durationMs: 1500,
  usage: { ...left.usage, costNanoUsd: 50_000_000 },
  steps: [
    { ...step('tool', { input: { number: '1' } }), index: 0 },
    { ...step('model', { modelId: 'large' }), index: 1 },
  ],
});

async function open(search = '?left=a&right=b', rights = [right]) {
  server.use(
    http.get(`${BASE}/runs/a`, () => HttpResponse.json(left)),
    http.get(`${BASE}/runs/b`, () =>
      HttpResponse.json(rights.length > 1 ? rights.shift() : rights[0]),
    ),
    http.get(`${BASE}/runs/gone`, () =>
      HttpResponse.json(
        {
          error: { name: 'NotFoundError', message: 'No run' },
          response: { statusCode: 404 },
        },
        { status: 404 },
      ),
    ),
  );
  await renderInTestApp(<ComparePage />, {
    initialRouteEntries: [`/runs/compare${search}`],
    mountedRoutes: {
      '/runs': rootRouteRef,
      '/catalog/:namespace/:kind/:name': entityRouteRef,
    },
    apis: [
      [
        orchestrationApiRef,
        new OrchestrationClient({
          discoveryApi: { getBaseUrl: async () => BASE },
          fetchApi: { fetch: (...args) => fetch(...args) },
        }),
      ],
    ],
  });
}

const rows = (table: HTMLElement) =>
  within(table)
    .getAllByRole('row')
    .map(row => [...row.children].map(cell => cell.textContent!.trim()));

describe('two runs side by side', () => {
  it('marks the words that changed, and tells what is more and what is less', async () => {
    await open();
    const answer = await screen.findByRole('region', { name: 'Answer, right' });
    expect(answer).toHaveTextContent('It is in Lund.');
    expect(within(answer).getByText('Lund.').tagName).toBe('INS');
    expect(
      within(screen.getByRole('region', { name: 'Answer, left' })).getByText(
        'Malmö.',
      ).tagName,
    ).toBe('DEL');
    const [facts] = screen.getAllByRole('table');
    expect(rows(facts)).toEqual(
      expect.arrayContaining([
        ['Model', 'small as economical', 'large as economical', 'not the same'],
        ['Duration', '2 s', '1.5 s', '−500 ms'],
        ['Cost', '$0.02', '$0.05', '+$0.03'],
        ['Tokens', '1,000', '1,000', 'the same'],
      ]),
    );
  });

  it('names all models that answered in a run of several agents', async () => {
    await open(undefined, [
      {
        ...right,
        steps: [
          ...right.steps,
          { ...step('model', { modelId: 'large' }), index: 2 },
          { ...step('model', { name: 'strong' }), index: 3 },
        ],
      },
    ]);
    const row = await screen.findByRole('row', { name: /^Model small/ });
    expect(row).toHaveTextContent('large as economical (2), strong (1)');
  });

  it('compares answers when both runs have ended, and looks until they have', async () => {
    const { output, ...more } = right;
    await open(undefined, [{ ...more, status: 'running' }, right]);
    const answer = await screen.findByRole('region', { name: 'Answer, right' });
    expect(answer).toHaveTextContent('It has not answered yet.');
    expect(answer.querySelector('ins')).toBeNull();
    expect(screen.queryByText('+$0.03')).not.toBeInTheDocument();
    await waitFor(() => expect(screen.getByText('Lund.').tagName).toBe('INS'), {
      timeout: 10_000,
    });
    expect(screen.getByText('+$0.03')).toBeInTheDocument();
  });

  it('puts steps at the same place beside each other, also after a fork', async () => {
    await open();
    await screen.findByRole('region', { name: 'Answer, right' });
    const steps = screen.getAllByRole('table')[1];
    expect(rows(steps).map(cells => [cells[0], cells.at(-1)])).toEqual([
      ['Step', 'What differs'],
      ['Model call Model', 'Before the fork'],
      ['Find order Tool', 'The same'],
      ['Model call Model', 'Model'],
    ]);
    await userEvent.click(
      screen.getByRole('switch', { name: 'Only what differs' }),
    );
    expect(rows(screen.getAllByRole('table')[1])).toHaveLength(3);
    await userEvent.click(
      screen.getAllByRole('button', { name: 'Model call' })[1],
    );
    expect(screen.getByText('large', { selector: 'dd code' })).toBeVisible();
    expect(screen.getByText('small', { selector: 'dd code' })).toBeVisible();
  });

  it('says which of two runs of a workflow repeats the other, from where, and what it kept', async () => {
    const at = (nodePath: string, more: Partial<RunStep>) => ({
      ...step('tool', { nodePath, title: nodePath }),
      ...more,
    });
    const graph = { nodes: [], edges: [] };
    const asked = at('ask', { id: 'asked', kind: 'agent', index: 0 });
    left.steps = [
      asked,
      { ...step('model'), parentId: 'asked', index: 1 },
      at('tell', { index: 2, output: 'Yes' }),
    ];
    await open('?left=b&right=a', [
      run('b', {
        graph,
        forkedFrom: { runId: 'a', step: 2, model: 'model:default/strong' },
        steps: [
          { ...asked, id: 'again', kept: true },
          at('tell', { index: 1, output: 'No' }),
        ],
      }),
    ]);
    expect(
      await screen.findByText(/^The left run repeats the right one/),
    ).toHaveTextContent(
      'The left run repeats the right one from step 3, tell, with strong for all agents that run in the portal.',
    );
    expect(
      rows(screen.getAllByRole('table')[1]).map(cells => [
        cells[0],
        cells.at(-1),
      ]),
    ).toEqual([
      ['Step', 'What differs'],
      ['ask Agent', 'Kept'],
      ['tell Tool', 'Result'],
    ]);
  });

  it('says what happened when one of them is not there', async () => {
    await open('?left=a&right=gone');
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'It does not exist, or you may not see it.',
    );
  });

  it('says how to choose two when none are named', async () => {
    await open('');
    expect(await screen.findByText('Choose two runs')).toBeInTheDocument();
  });
});
