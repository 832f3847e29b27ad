import type { ComparedCase, Trial } from '@agentportal/plugin-evals-common';
import { coreApis } from '@backstage/frontend-plugin-api';
import { registerMswTestHooks } from '@backstage/test-utils';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import {
  AGENT,
  INSTRUCTIONS,
  dataSet,
  evaluation,
  metric,
  openPage,
  refusal,
  serve,
  server,
} from '../__testUtils__/evalsServer';
import { EvaluationsPage } from './EvaluationsPage';
import { EvaluationsTab } from './EvaluationsTab';

registerMswTestHooks(server);

const GATE = {
  agentRef: AGENT,
  required: true,
  passed: false,
  sentence: 'At least 85 of 100 answers must be right.',
  reasons: ['It is sure of 79 only.'],
};

const openTab = (mayManage = true) =>
  openPage(<EvaluationsTab />, {
    path: '/agent',
    mounted: '/agent',
    mayManage,
  });
const openOne = (path: string) =>
  openPage(<EvaluationsPage />, {
    path: `/all-evaluations${path}`,
    mounted: '/all-evaluations/*',
  });

function trial(fields: Partial<Trial> = {}): Trial {
  return {
    outcome: 'passed',
    runId: 'run-1',
    answer: 'It is delivered.',
    calls: [{ tool: 'orders.find_order', arguments: { orderId: 'NH-10042' } }],
    checks: [{ evaluator: 'contains', outcome: 'passed' }],
    ...fields,
  };
}

describe('the evaluations of an agent', () => {
  it('evaluates changed instructions, beginning with those of the agent', async () => {
    const asked = serve({
      'GET /gates': GATE,
      'GET /data-sets': { items: [dataSet()] },
      'GET /evaluations': { items: [] },
      'GET /experiments': { items: [] },
      'POST /evaluations': evaluation({ id: 'eval-2' }),
    });
    const { apis } = await openTab();
    expect(
      await screen.findByText('Does not pass its gate'),
    ).toBeInTheDocument();
    expect(screen.getByText('It is sure of 79 only.')).toBeInTheDocument();
    const evaluate = screen.getByRole('button', { name: 'Evaluate' });
    await waitFor(() => expect(evaluate).toBeEnabled());
    await userEvent.click(evaluate);
    const dialog = await screen.findByRole('dialog');
    expect(dialog).toHaveTextContent(
      'This set cannot show less than 12 points of difference.',
    );
    await userEvent.click(
      within(dialog).getByRole('button', { name: /Who is asked/ }),
    );
    await userEvent.click(
      await screen.findByRole('option', { name: /changed instructions/ }),
    );
    const field = await screen.findByLabelText('Instructions');
    await waitFor(() => expect(field).toHaveValue(INSTRUCTIONS));
    // Nothing differs yet, so nothing can be compared.
    const start = screen.getByRole('button', { name: 'Ask 50 questions' });
    expect(start).toBeDisabled();
    await userEvent.click(field);
    await userEvent.paste(' Be brief.');
    await userEvent.click(start);
    await waitFor(() =>
      expect(
        apis.get(coreApis.appHistory)!.getSnapshot().location.pathname,
      ).toBe('/all-evaluations/eval-2'),
    );
    expect(asked.find(({ method }) => method === 'POST')!.body).toEqual({
      dataSetId: 'set-1',
      trials: 1,
      candidate: { instructions: `${INSTRUCTIONS} Be brief.` },
    });
  });

  it('offers nothing that the person may not do, and says calmly what they may not see', async () => {
    serve({
      'GET /gates': { ...GATE, required: false },
      'GET /data-sets': { items: [] },
      'GET /evaluations': { items: [] },
      'GET /experiments': { items: [] },
    });
    const { unmount } = await openTab(false);
    expect(await screen.findByText('Not evaluated yet')).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Evaluate' })).toBeNull();
    unmount();
    // Of who may see nothing of it, nothing is asked that would be refused.
    const asked = serve({});
    await openPage(<EvaluationsTab />, {
      path: '/agent',
      mounted: '/agent',
      mayManage: false,
      mayRead: false,
    });
    expect(
      await screen.findByText(
        /How Order Desk is evaluated is not for you to see/,
      ),
    ).toBeInTheDocument();
    expect(asked).toEqual([]);
  });
});

describe('the page of an evaluation', () => {
  it('follows it, tells what became of each case and opens one', async () => {
    const counts = {
      cases: 50,
      passed: 4,
      failed: 1,
      incomplete: 0,
      waiting: 45,
    };
    let isDone = false;
    const asked = serve({
      'GET /evaluations/eval-1': () =>
        isDone
          ? evaluation()
          : evaluation({ status: 'running', counts, passRate: undefined }),
      'GET /evaluations': { items: [] },
      'GET /gates': GATE,
      'GET /evaluations/eval-1/results': {
        items: [
          {
            caseId: 'parcel',
            ask: 'Where is my parcel?',
            outcome: 'failed',
            trials: [
              trial({
                outcome: 'failed',
                checks: [
                  {
                    evaluator: 'contains',
                    outcome: 'failed',
                    reason: 'It does not say “delivered”.',
                  },
                ],
              }),
            ],
          },
        ],
      },
    });
    await openOne('/eval-1');
    expect(
      await screen.findByRole('progressbar', { name: 'Progress' }),
    ).toHaveAttribute('aria-valuenow', '5');
    isDone = true;
    expect(
      await screen.findByText(
        '45 of 50 cases were right: 90 % (79 % to 96 %).',
        {},
        { timeout: 10_000 },
      ),
    ).toBeInTheDocument();
    await userEvent.click(screen.getByRole('radio', { name: 'Wrong 5' }));
    await waitFor(() =>
      expect(
        asked.filter(({ path }) => path.endsWith('/results')).at(-1)!.query,
      ).toMatchObject({ outcome: 'failed' }),
    );
    await userEvent.click(
      await screen.findByRole('button', { name: /Where is my parcel/ }),
    );
    expect(
      await screen.findByText('It does not say “delivered”.'),
    ).toBeInTheDocument();
    expect(screen.getByText(/orders.find_order\({/)).toBeInTheDocument();
    expect(
      screen.getByRole('link', { name: 'Everything that happened' }),
    ).toHaveAttribute('href', '/all-runs/run-1');
  });

  it('says that there is no such evaluation', async () => {
    serve({
      'GET /evaluations/gone': () => refusal(404, 'NotFoundError'),
    });
    await openOne('/gone');
    expect(
      await screen.findByText('There is no such evaluation'),
    ).toBeInTheDocument();
  });
});

describe('two evaluations compared', () => {
  it('says the verdict first, then why, and which answers changed in what words', async () => {
    const compared: ComparedCase = {
      caseId: 'parcel',
      ask: 'Where is my parcel?',
      change: 'worse',
      baseline: trial(),
      candidate: trial({ outcome: 'failed', answer: 'It is lost.' }),
    };
    const asked = serve({
      'GET /evaluations/eval-2/comparison': {
        baseline: evaluation(),
        candidate: evaluation({
          id: 'eval-2',
          label: 'Brief',
          candidate: { instructions: `${INSTRUCTIONS} Be brief.` },
        }),
        verdict: {
          decision: 'better',
          sentence: 'Right in 6 more of 100 (2 to 10).',
        },
        metrics: [
          metric(),
          metric({
            metric: 'cost',
            unit: 'nano-usd',
            better: 'lower',
            baseline: 4_000_000,
            candidate: 5_000_000,
            difference: { value: 1_000_000, low: 500_000, high: 1_500_000 },
            guard: true,
          }),
        ],
        cases: { paired: 50, worse: 1, better: 4, same: 45, unpaired: 2 },
      },
      'GET /evaluations/eval-2/comparison/cases': { items: [compared] },
      'GET /gates': GATE,
    });
    await openOne('/eval-2/against/eval-1');
    expect(
      await screen.findByText('Right in 6 more of 100 (2 to 10).'),
    ).toBeInTheDocument();
    const right = screen.getByRole('row', { name: /Right answers/ });
    expect(right).toHaveTextContent('+6 points+2 to +10, better');
    // More cost is worse, whichever way the number goes.
    expect(screen.getByRole('row', { name: /Cost/ })).toHaveTextContent(
      '+$0.001+$0.0005 to +$0.0015, worse',
    );
    expect(screen.getByText('Must only not get worse')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('radio', { name: 'Worse 1' }));
    await waitFor(() =>
      expect(
        asked.filter(({ path }) => path.endsWith('/cases')).at(-1)!.query,
      ).toMatchObject({ baselineId: 'eval-1', change: 'worse' }),
    );
    await userEvent.click(
      await screen.findByRole('button', { name: /Where is my parcel/ }),
    );
    const marked = (name: string) =>
      screen.getByRole('region', { name }).querySelector('del, ins');
    expect(marked('Answer before')).toHaveTextContent('delivered.');
    expect(marked('Answer now')).toHaveTextContent('lost.');
    expect(
      await screen.findByRole('region', { name: 'Instructions changed' }),
    ).toHaveTextContent(`${INSTRUCTIONS} Be brief.`);
  });
});

describe('the page of a data set', () => {
  const cases = [
    { id: 'parcel', ask: 'Where is my parcel?', facts: ['delivered'] },
    { id: 'refund', ask: 'May I have a refund?', tool: 'refunds.ask' },
  ];

  it('looks for words in all of its cases, and adds one', async () => {
    const asked = serve({
      'GET /data-sets/set-1': dataSet({
        problems: [
          { caseId: 'parcel', message: 'It says the same as refund.' },
        ],
      }),
      'GET /data-sets/set-1/cases': ({ query }) =>
        query.cursor
          ? { version: 3, items: [cases[1]] }
          : { version: 3, items: [cases[0]], nextCursor: 'more' },
      'GET /evaluations': { items: [] },
      'POST /data-sets/set-1/cases': dataSet({ version: 4 }),
    });
    await openOne('/data-sets/set-1?q=refund');
    expect(
      await screen.findByRole('rowheader', { name: /May I have a refund/ }),
    ).toBeInTheDocument();
    expect(screen.queryByText('Where is my parcel?')).toBeNull();
    expect(screen.getByText('It says the same as refund.')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Add a case' }));
    await userEvent.type(
      await screen.findByLabelText('What the person asks'),
      'Is it open?',
    );
    await userEvent.type(
      screen.getByLabelText('What a right answer says'),
      'open | not closed',
    );
    await userEvent.click(screen.getByRole('button', { name: 'Add it' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(asked.find(({ method }) => method === 'POST')!.body).toEqual({
      id: 'is-it-open',
      ask: 'Is it open?',
      facts: [['open', 'not closed']],
    });
  });

  it('leaves what is in Git to Git', async () => {
    serve({
      'GET /data-sets/set-1': dataSet({ origin: 'file' }),
      'GET /data-sets/set-1/cases': { version: 3, items: cases },
      'GET /evaluations': { items: [] },
    });
    await openOne('/data-sets/set-1');
    expect(await screen.findByText('Where is my parcel?')).toBeInTheDocument();
    expect(screen.getByText(/kept in Git/)).toBeInTheDocument();
    for (const name of ['Add a case', 'Import', 'Delete', 'Edit parcel']) {
      expect(screen.queryByRole('button', { name })).toBeNull();
    }
    expect(screen.getByRole('button', { name: 'Evaluate' })).toBeVisible();
  });
});
