import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { renderToolsPage } from '../__testUtils__/renderToolsPage';
import {
  problem,
  startToolsServer,
  tool,
} from '../__testUtils__/startToolsServer';

const ORDER = {
  type: 'object',
  properties: {
    orderId: { type: 'string', description: 'Such as NH-10042' },
    limit: { type: 'integer', minimum: 1 },
    status: { type: 'string', enum: ['open', 'shipped'] },
    withNotes: { type: 'boolean' },
  },
  required: ['orderId'],
};

let server: Awaited<ReturnType<typeof startToolsServer>>;

beforeEach(async () => {
  server = await startToolsServer();
});

afterEach(() => server.stop());

async function tryIt(name: string) {
  await renderToolsPage(server.url, `/tools?tool=${name}`);
  await userEvent.click(await screen.findByRole('tab', { name: 'Try it' }));
  return screen.findByRole('button', { name: 'Call the tool' });
}

describe('trying a tool', () => {
  it('makes a form of the schema, calls a read tool at once and shows what it gave', async () => {
    server.state.tools = [tool('orders.find_order', { inputSchema: ORDER })];
    server.state.answers['orders.find_order'] = {
      body: {
        content: [{ type: 'text', text: 'Order NH-10042 was shipped' }],
        structuredContent: { status: 'shipped' },
        isError: false,
        durationMs: 12,
      },
    };
    const call = await tryIt('orders.find_order');
    expect(screen.getByText('Such as NH-10042')).toBeInTheDocument();
    expect(screen.getByRole('checkbox', { name: 'withNotes' })).toBeVisible();

    await userEvent.type(screen.getByLabelText(/^orderId/), 'NH-10042');
    await userEvent.type(screen.getByLabelText(/^limit/), '3');
    await userEvent.click(call);

    const result = await screen.findByRole('region', { name: 'Result' });
    expect(result).toHaveTextContent('Order NH-10042 was shipped');
    expect(result).toHaveTextContent('Answered in 12 ms');
    expect(result).toHaveTextContent('"status": "shipped"');
    expect(server.state.calls).toEqual([
      {
        name: 'orders.find_order',
        arguments: { orderId: 'NH-10042', limit: 3 },
      },
    ]);
  });

  it('takes lists line by line, and what has no form as JSON', async () => {
    server.state.tools = [
      tool('orders.query', {
        inputSchema: {
          type: 'object',
          properties: {
            ids: { type: 'array', items: { type: 'string' } },
            where: { anyOf: [{ type: 'object' }, { type: 'array' }] },
          },
        },
      }),
    ];
    const call = await tryIt('orders.query');
    await userEvent.type(screen.getByLabelText(/^ids/), 'A{Enter}B{Enter}');
    await userEvent.type(screen.getByLabelText(/^where/), '{{"status":"open"}');
    await userEvent.click(call);
    await screen.findByRole('region', { name: 'Result' });
    expect(server.state.calls[0].arguments).toEqual({
      ids: ['A', 'B'],
      where: { status: 'open' },
    });
  });

  it('says at the field what is wrong, and calls nothing', async () => {
    server.state.tools = [tool('orders.find_order', { inputSchema: ORDER })];
    const call = await tryIt('orders.find_order');
    await userEvent.type(screen.getByLabelText(/^limit/), 'three');
    await userEvent.click(call);
    expect(await screen.findByText(/Must be integer/)).toBeInTheDocument();
    expect(screen.getByText('This is needed.')).toBeInTheDocument();
    expect(server.state.calls).toEqual([]);
  });

  it('asks before it calls a tool that changes something', async () => {
    server.state.tools = [
      tool('orders.cancel_order', {
        title: 'Cancel order',
        riskTier: 'write',
        inputSchema: ORDER,
      }),
    ];
    const call = await tryIt('orders.cancel_order');
    await userEvent.type(screen.getByLabelText(/^orderId/), 'NH-10042');
    await userEvent.click(call);

    const dialog = await screen.findByRole('dialog');
    expect(dialog).toHaveTextContent('Call Cancel order?');
    expect(dialog).toHaveTextContent('NH-10042');
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Cancel' }),
    );
    expect(server.state.calls).toEqual([]);

    await userEvent.click(call);
    await userEvent.click(
      await screen.findByRole('button', { name: 'Call it' }),
    );
    expect(
      await screen.findByRole('region', { name: 'Result' }),
    ).toBeInTheDocument();
    expect(server.state.calls).toHaveLength(1);
  });

  it('does not let a denied tool be called, and says why', async () => {
    server.state.tools = [
      tool('people.delete_record', {
        riskTier: 'critical',
        allowed: false,
        deniedReason: 'Only People may call it.',
      }),
    ];
    const call = await tryIt('people.delete_record');
    expect(call).toBeDisabled();
    await userEvent.click(call);
    expect(server.state.calls).toEqual([]);
    expect(screen.getByText('Only People may call it.')).toBeInTheDocument();
  });

  it('tells an error of the tool from a call that was refused', async () => {
    server.state.tools = [tool('orders.find_order')];
    server.state.answers['orders.find_order'] = {
      body: {
        content: [{ type: 'text', text: 'There is no order NH-1' }],
        isError: true,
        durationMs: 3,
      },
    };
    const call = await tryIt('orders.find_order');
    await userEvent.click(call);
    expect(
      await screen.findByText('The tool could not do it'),
    ).toBeInTheDocument();
    expect(screen.getByText('There is no order NH-1')).toBeInTheDocument();

    server.state.answers['orders.find_order'] = {
      status: 403,
      body: problem(403, 'A grant is needed'),
    };
    await userEvent.click(call);
    expect(await screen.findByRole('note')).toHaveTextContent(
      'A grant is needed. Ask the people who run this portal',
    );
  });

  it('does not claim that nothing happened when the answer is lost', async () => {
    server.state.tools = [tool('orders.cancel_order', { riskTier: 'write' })];
    server.state.answers['orders.cancel_order'] = {
      status: 502,
      body: problem(502, 'The server hung up'),
    };
    await userEvent.click(await tryIt('orders.cancel_order'));
    await userEvent.click(
      await screen.findByRole('button', { name: 'Call it' }),
    );
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent('The call has no answer');
    expect(alert).toHaveTextContent('Look before you call it again');
    expect(alert).not.toHaveTextContent('Nothing was changed');
  });
});
