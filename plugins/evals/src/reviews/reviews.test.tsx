import { registerMswTestHooks } from '@backstage/test-utils';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import {
  dataSet,
  openPage,
  review,
  serve,
  server,
} from '../__testUtils__/evalsServer';
import { ReviewsPage } from './ReviewsPage';

registerMswTestHooks(server);

const REVIEWS = [
  review(),
  review({ id: 'review-2', reason: 'failed', ask: 'And NH-10043?' }),
];
const agreement = { conversations: 0 };

function serveReviews() {
  return serve({
    'GET /reviews': { items: REVIEWS, agreement },
    'GET /reviews/review-1': REVIEWS[0],
    'GET /reviews/review-2': REVIEWS[1],
    'PUT /reviews/review-1/verdict': ({ body }) =>
      review({
        status: 'judged',
        verdicts: [
          {
            ...(body as { verdict: 'bad' }),
            by: 'user:default/elin.marklund',
            at: '2026-11-22T11:00:00.000Z',
          },
        ],
      }),
    'GET /data-sets': { items: [dataSet()] },
    'POST /reviews/review-1/case': review({
      caseId: 'where-is-nh-10042',
      dataSetId: 'set-1',
    }),
  });
}

const open = (mayManage = true) =>
  openPage(<ReviewsPage />, {
    path: '/all-reviews',
    mounted: '/all-reviews',
    mayManage,
  });

describe('reviews', () => {
  it('are walked and judged by keyboard, and stay where they were', async () => {
    const asked = serveReviews();
    await open();
    const list = await screen.findByRole('list', { name: 'Reviews' });
    expect(await screen.findByText('In the moon.')).toBeInTheDocument();
    await screen.findByRole('group', { name: 'Verdict' });
    await userEvent.keyboard('b');
    const judged = await within(list).findByText('Bad');
    expect(judged.closest('li')).toHaveTextContent('Where is NH-10042?');
    await userEvent.click(
      await screen.findByRole('button', { name: /What was wrong/ }),
    );
    await userEvent.click(
      await screen.findByRole('option', { name: 'Made up' }),
    );
    await waitFor(() =>
      expect(asked.at(-1)!.body).toEqual({
        verdict: 'bad',
        failure: 'made-up',
      }),
    );
    await userEvent.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('listbox')).toBeNull());
    await userEvent.keyboard('j');
    expect(
      await screen.findByRole('heading', { name: 'The run failed' }),
    ).toBeInTheDocument();
  });

  it('become cases of a data set', async () => {
    const asked = serveReviews();
    await open();
    await userEvent.click(
      await screen.findByRole('button', { name: 'Make a test case' }),
    );
    const dialog = await screen.findByRole('dialog');
    await within(dialog).findByRole('button', { name: /Orders \(50 cases\)/ });
    expect(within(dialog).getByLabelText('What the person asks')).toHaveValue(
      'Where is NH-10042?',
    );
    await userEvent.type(
      within(dialog).getByLabelText('What a right answer says'),
      'delivered',
    );
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Add it' }),
    );
    expect(await screen.findByText('where-is-nh-10042')).toBeInTheDocument();
    expect(asked.find(({ method }) => method === 'POST')!.body).toEqual({
      dataSetId: 'set-1',
      case: {
        id: 'where-is-nh-10042',
        ask: 'Where is NH-10042?',
        facts: ['delivered'],
      },
    });
  });

  it('say where a data set begins while there is none to add to', async () => {
    serve({
      'GET /reviews': { items: REVIEWS, agreement },
      'GET /reviews/review-1': REVIEWS[0],
      'GET /data-sets': { items: [dataSet({ origin: 'file' })] },
    });
    await open();
    await userEvent.click(
      await screen.findByRole('button', { name: 'Make a test case' }),
    );
    expect(
      await screen.findByRole('link', { name: /Begin one/ }),
    ).toHaveAttribute(
      'href',
      expect.stringMatching(/^\/catalog\/.*\/evaluations$/),
    );
    expect(screen.queryByLabelText('What the person asks')).toBeNull();
  });

  it('are not judged by who may not read the conversation', async () => {
    const unread = review({
      ask: undefined,
      answer: undefined,
      hidden: 'You may not read this conversation.',
    });
    const asked = serve({
      'GET /reviews': { items: [unread], agreement },
      'GET /reviews/review-1': unread,
    });
    await open();
    await screen.findByText('You may not read this conversation.');
    // Until what they may do with the agent is known.
    await waitFor(() => expect(asked.length).toBeGreaterThan(1));
    await userEvent.keyboard('gc');
    expect(screen.queryByRole('group', { name: 'Verdict' })).toBeNull();
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(screen.queryByText('Everything that happened')).toBeNull();
    expect(asked.every(({ method }) => method === 'GET')).toBe(true);
  });

  it('are not judged by who may only read them', async () => {
    // What may be done with an agent is remembered for a while, so this is another one.
    const other = review({ agentRef: 'agent:default/returns-desk' });
    const asked = serve({
      'GET /reviews': { items: [other], agreement },
      'GET /reviews/review-1': other,
    });
    await open(false);
    expect(await screen.findByText('In the moon.')).toBeInTheDocument();
    await userEvent.keyboard('g');
    expect(screen.queryByRole('group', { name: 'Verdict' })).toBeNull();
    expect(asked.every(({ method }) => method === 'GET')).toBe(true);
  });
});
