import { ResponseError } from '@backstage/errors';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { CopyButton } from './CopyButton';
import { EmptyHint } from './EmptyHint';
import { ErrorPanel } from './ErrorPanel';

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
  it('says what happened, what is safe and what to do', async () => {
    const onRetry = jest.fn();
    const error = new Error('denied by policy');
    error.name = 'NotAllowedError';
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
    expect(alert).toHaveTextContent('You are not allowed');
    expect(alert).toHaveTextContent('denied by policy');
    expect(alert).toHaveTextContent('Nothing was changed.');
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(onRetry).toHaveBeenCalledTimes(1);
  });

  it('tells what the backend said, not that a request failed', async () => {
    const error = await ResponseError.fromResponse(
      new Response(
        JSON.stringify({
          error: { name: 'NotAllowedError', message: 'runs are private' },
          response: { statusCode: 403 },
        }),
        { status: 403, headers: { 'content-type': 'application/json' } },
      ),
    );
    render(<ErrorPanel title="x" error={error} />);
    expect(screen.getByRole('alert')).toHaveTextContent('runs are private');
    expect(screen.getByRole('alert')).toHaveTextContent('You are not allowed');
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
