import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { budget } from '../__testUtils__/answerBudgets';
import { openDialog, pick } from '../__testUtils__/people';
import { renderWithModels } from '../__testUtils__/renderWithModels';
import { startModelsServer } from '../__testUtils__/startModelsServer';
import { BudgetsPage } from './BudgetsPage';

let server: Awaited<ReturnType<typeof startModelsServer>>;

beforeEach(async () => {
  server = await startModelsServer();
});

afterEach(() => server.stop());

const CATALOG = [
  {
    apiVersion: 'agentportal.dev/v1alpha1',
    kind: 'Agent',
    metadata: { name: 'order-help', namespace: 'default', title: 'Order help' },
    spec: {},
  },
];

const show = (path = '/here') =>
  renderWithModels(<BudgetsPage />, server.url, path, CATALOG);

async function choose(budgetName: string, item: RegExp) {
  await userEvent.click(
    await screen.findByRole('button', {
      name: `Actions for the budget of ${budgetName}`,
    }),
  );
  await userEvent.click(await screen.findByRole('menuitem', { name: item }));
}

describe('the Budgets page', () => {
  it('shows what is spent, held and left of each, and where it is written', async () => {
    server.state.budgets = [
      budget('orders', {
        usage: {
          ...budget('x').usage,
          spentNanoUsd: 8.5e9,
          heldNanoUsd: 0.5e9,
          leftNanoUsd: 1e9,
        },
      }),
      budget('all', {
        scope: { type: 'organisation', ref: 'default' },
        source: 'config',
        createdBy: 'models.budgets[0]',
        editable: false,
        window: 'total',
        usage: { ...budget('x').usage, renewsAt: undefined },
      }),
    ];
    await show();
    const [first, second] = await screen.findAllByRole('listitem');
    expect(first).toHaveTextContent('orders');
    expect(first).toHaveTextContent('10.00 USD a month · told at 50 %, 80 %');
    expect(first).toHaveTextContent('$1.00 left');
    expect(first).toHaveTextContent('renews in 3 days');
    expect(within(first).getByRole('meter')).toHaveAttribute(
      'aria-valuetext',
      '8.50 USD spent and 0.50 USD held for calls under way, of 10.00 USD',
    );
    expect(second).toHaveTextContent('The whole organisation');
    expect(second).toHaveTextContent('does not renew');
    expect(second).toHaveTextContent('read only');
    expect(
      within(second).getByTitle(
        /models\.budgets\[0\] in the portal’s app-config/,
      ),
    ).toBeInTheDocument();
    await userEvent.click(
      within(second).getByRole('button', { name: /Actions/ }),
    );
    expect(
      await screen.findByRole('menuitem', { name: /Change/ }),
    ).toHaveAttribute('aria-disabled', 'true');
    expect(
      screen.queryByRole('menuitem', { name: 'Delete' }),
    ).not.toBeInTheDocument();
  });

  it('sets a budget and says before what it will do', async () => {
    await show();
    await screen.findByText('There are no budgets yet');
    await userEvent.click(screen.getByRole('button', { name: 'Set a budget' }));
    const dialog = await openDialog();
    const agent = dialog.getByRole('combobox', { name: /Agent/ });
    await userEvent.click(agent);
    await userEvent.keyboard('order');
    await pick(agent, /Order help/);
    const save = await dialog.findByRole('button', { name: 'Set the budget' });
    const limit = dialog.getByRole('textbox', { name: /Limit in USD/ });
    await userEvent.type(limit, 'fifty');
    expect(dialog.getByText(/Write an amount/)).toBeInTheDocument();
    expect(save).toBeDisabled();
    await userEvent.clear(limit);
    await userEvent.type(limit, '50');
    expect(
      dialog.getByText(
        /Order help may spend 50\.00 USD a month\. At 50 % and 80 % the owners are told; at the limit calls are refused\./,
      ),
    ).toBeInTheDocument();
    expect(
      dialog.getByText(/answers are kept short, then a route takes another/),
    ).toHaveTextContent('What was spent this month counts already.');
    await userEvent.click(save);
    expect(await screen.findByRole('listitem')).toHaveTextContent(
      '50.00 USD a month',
    );
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
    expect(server.state.budgets[0]).toMatchObject({
      scope: { type: 'agent', ref: 'agent:default/order-help' },
      window: 'month',
      limitNanoUsd: 50e9,
      softThresholds: [0.5, 0.8, 1],
    });
  });

  it('keeps what was typed when the budget is refused', async () => {
    await show();
    await screen.findByText('There are no budgets yet');
    await userEvent.click(screen.getByRole('button', { name: 'Set a budget' }));
    const dialog = await openDialog();
    await userEvent.click(dialog.getByRole('button', { name: /For/ }));
    await userEvent.click(
      await screen.findByRole('option', { name: 'Organisation' }),
    );
    const limit = dialog.getByRole('textbox', { name: /Limit in USD/ });
    await userEvent.type(limit, '13');
    await userEvent.click(
      dialog.getByRole('button', { name: 'Set the budget' }),
    );
    expect(await dialog.findByRole('alert')).toHaveTextContent(
      'There is a budget already.',
    );
    expect(limit).toHaveValue('13');
  });

  it('changes a limit, and only after a question deletes it', async () => {
    server.state.budgets = [budget('orders')];
    await show();
    await choose('orders', /^Change$/);
    let dialog = await openDialog();
    const limit = dialog.getByRole('textbox', { name: /Limit in USD/ });
    expect(limit).toHaveValue('10.00');
    await userEvent.clear(limit);
    await userEvent.type(limit, '12.5');
    await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
    // The dialog says it too, before it closes.
    await waitFor(() =>
      expect(screen.getByRole('listitem')).toHaveTextContent(
        '12.50 USD a month',
      ),
    );

    await choose('orders', /^Delete$/);
    dialog = await openDialog();
    expect(
      dialog.getByText(/It limits calls to 12\.50 USD a month/),
    ).toBeInTheDocument();
    await userEvent.click(
      dialog.getByRole('button', { name: 'Delete the budget' }),
    );
    expect(
      await screen.findByText('There are no budgets yet'),
    ).toBeInTheDocument();
  });

  it('tells who changed what, from what to what', async () => {
    server.state.budgets = [budget('orders')];
    await show();
    await choose('orders', /History/);
    const dialog = await openDialog();
    expect(
      await dialog.findByText('Limit from 5.00 to 10.00 USD'),
    ).toBeInTheDocument();
    expect(dialog.getByRole('link', { name: /erin/ })).toBeInTheDocument();
  });

  it('finds budgets by words and type, which the address keeps', async () => {
    server.state.budgets = [
      budget('orders'),
      budget('gpt', { scope: { type: 'model', ref: 'openai/gpt-5.1' } }),
    ];
    await show('/here?type=model');
    expect(await screen.findByText('openai/gpt-5.1')).toBeInTheDocument();
    expect(screen.getAllByRole('listitem')).toHaveLength(1);
    await userEvent.type(
      screen.getByRole('searchbox', { name: 'Find a budget' }),
      'nothing',
    );
    await userEvent.click(
      await screen.findByRole('button', { name: 'Clear search and filter' }),
    );
    await waitFor(() =>
      expect(screen.getAllByRole('listitem')).toHaveLength(2),
    );
  });

  it('says what is missing to whoever may not set budgets', async () => {
    server.state.mayCreate = false;
    server.state.budgets = [budget('orders', { editable: false })];
    await show();
    expect(
      await screen.findByText(/Ask for the permission models\.budget\.write/),
    ).toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: 'Set a budget' }),
    ).not.toBeInTheDocument();
  });

  it('says that budgets hold although they could not be read', async () => {
    server.state.broken = true;
    await show();
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent('They all hold');
    server.state.broken = false;
    await userEvent.click(
      within(alert).getByRole('button', { name: 'Try again' }),
    );
    expect(
      await screen.findByText('There are no budgets yet'),
    ).toBeInTheDocument();
  });
});
