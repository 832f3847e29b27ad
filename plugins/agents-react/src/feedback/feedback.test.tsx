import { ResponseError } from '@backstage/errors';
import { renderInTestApp } from '@backstage/frontend-test-utils';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { render } from '../__testUtils__/render';
import { CopyButton } from './CopyButton';
import { EmptyHint } from './EmptyHint';
import { ErrorPanel } from './ErrorPanel';
import { messageOf } from './refusal';

/** What a client throws for an answer of the backend. */
async function refused(
  status: number,
  name: string,
  message: string,
  headers: Record<string, string> = {},
) {
  return ResponseError.fromResponse(
    new Response(
      JSON.stringify({
        error: { name, message },
        response: { statusCode: status },
      }),
      { status, headers: { 'content-type': 'application/json', ...headers } },
    ),
  );
}

it('tells of an error what the backend said of it', async () => {
  const error = await refused(409, 'ConflictError', 'Somebody was first.');
  expect(messageOf(error)).toBe('Somebody was first.');
  expect(messageOf(new TypeError('Failed to fetch'))).toBe(
    'TypeError: Failed to fetch',
  );
});

describe('CopyButton', () => {
  it('copies the text and says so', async () => {
    const user = userEvent.setup();
    const clipboard = jest
      .spyOn(navigator.clipboard, 'writeText')
      .mockResolvedValue();
    render(<CopyButton text="run-42" what="run id" />);
    await user.click(screen.getByRole('button', { name: 'Copy run id' }));
    expect(clipboard).toHaveBeenCalledWith('run-42');
    expect(await screen.findByRole('status')).toHaveTextContent('Copied');
    clipboard.mockRestore();
  });

  it('says what to do when the browser refuses', async () => {
    const user = userEvent.setup();
    const clipboard = jest
      .spyOn(navigator.clipboard, 'writeText')
      .mockRejectedValue(new Error('denied'));
    render(<CopyButton text="x" />);
    await user.click(screen.getByRole('button', { name: 'Copy' }));
    expect(await screen.findByRole('status')).toHaveTextContent(
      'Select the text instead',
    );
    clipboard.mockRestore();
  });
});

describe('ErrorPanel', () => {
  it.each([
    [
      'Only its owner group:default/logistics may use it. Ask the owner to open it.',
      'Only its owner logistics may use it. Ask the owner to open it.',
    ],
    [
      'You may not use agent:default/spare-parts',
      'You may not use spare-parts. Ask logistics if you need it.',
    ],
  ])(
    'names whom a refusal is about and whom to ask: %s',
    async (said, read) => {
      await renderInTestApp(
        <ErrorPanel
          title="The question was not sent"
          error={await refused(403, 'NotAllowedError', said)}
          contactRef="group:default/logistics"
        />,
        {
          mountedRoutes: { '/catalog/:namespace/:kind/:name': entityRouteRef },
        },
      );
      const note = await screen.findByRole('note');
      await waitFor(() => expect(note).toHaveTextContent(read));
    },
  );

  it('says what happened, what is safe and what to do', async () => {
    const onRetry = jest.fn();
    const error = new Error('token expired');
    error.name = 'AuthenticationError';
    render(
      <ErrorPanel
        title="The runs could not be loaded"
        error={error}
        safe="Nothing was changed."
        onRetry={onRetry}
      />,
    );
    const alert = screen.getByRole('alert');
    expect(alert).toHaveTextContent('The runs could not be loaded');
    expect(alert).toHaveTextContent('Your session has ended');
    expect(alert).toHaveTextContent('token expired');
    expect(alert).toHaveTextContent('Nothing was changed.');
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(onRetry).toHaveBeenCalledTimes(1);
  });

  it('tells what the backend said, not that a request failed', async () => {
    const error = await refused(409, 'ConflictError', 'run "x" is over');
    render(<ErrorPanel title="x" error={error} />);
    expect(screen.getByRole('alert')).toHaveTextContent('run "x" is over');
  });

  it('offers a way on and no retry where something is not there', async () => {
    const error = await refused(404, 'NotFoundError', 'Leave threadId out');
    render(
      <ErrorPanel
        title="The run could not be loaded"
        error={error}
        safe="It goes on."
        onRetry={() => {}}
        actions={<a href="/runs">All runs</a>}
      />,
    );
    expect(screen.getByRole('alert')).toHaveTextContent(
      /^The run could not be loaded *It does not exist, or you may not see it\. *All runs$/,
    );
  });

  it('tells what one may not do in a calm sentence, with whom to ask', async () => {
    const error = await refused(403, 'NotAllowedError', 'Budgets are private');
    await renderInTestApp(
      <ErrorPanel title="x" error={error} onRetry={() => {}} />,
      {
        config: {
          app: {
            support: {
              url: '/catalog/default/group/platform',
              items: [{ title: 'Platform', links: [] }],
            },
          },
        },
      },
    );
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
    expect(screen.queryByRole('button')).not.toBeInTheDocument();
    expect(screen.getByRole('note')).toHaveTextContent(
      'Budgets are private. Ask Platform if you need it.',
    );
    expect(screen.getByRole('link', { name: 'Platform' })).toHaveAttribute(
      'href',
      '/catalog/default/group/platform',
    );
  });

  it('tells from when it goes on where too much was asked', async () => {
    jest
      .useFakeTimers({ advanceTimers: true })
      .setSystemTime(new Date(2026, 10, 28, 14, 30, 0));
    const error = await refused(
      429,
      'TooManyRequestsError',
      'You have 5 runs waiting',
      { 'retry-after': '90' },
    );
    const onRetry = jest.fn();
    render(<ErrorPanel title="x" error={error} onRetry={onRetry} />);
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
    expect(screen.getByRole('note')).toHaveTextContent(
      /You have 5 runs waiting\. You can go on at .*31:30/,
    );
    jest.useRealTimers();
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(onRetry).toHaveBeenCalledTimes(1);
  });

  it('explains a backend that does not answer', () => {
    render(<ErrorPanel title="x" error={new TypeError('Failed to fetch')} />);
    expect(screen.getByRole('alert')).toHaveTextContent(
      'The portal did not answer',
    );
  });
});

describe('EmptyHint', () => {
  it('teaches the next action', () => {
    render(
      <EmptyHint title="No runs yet" actions={<button>Ask it</button>}>
        Ask the agent something.
      </EmptyHint>,
    );
    expect(screen.getByText('No runs yet')).toBeInTheDocument();
    expect(screen.getByText('Ask the agent something.')).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Ask it' })).toBeInTheDocument();
  });
});
