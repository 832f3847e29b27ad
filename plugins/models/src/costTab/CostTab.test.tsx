import type { Entity } from '@backstage/catalog-model';
import { EntityProvider } from '@backstage/plugin-catalog-react';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { budget } from '../__testUtils__/answerBudgets';
import { openDialog } from '../__testUtils__/people';
import { renderWithModels } from '../__testUtils__/renderWithModels';
import { cost, startModelsServer } from '../__testUtils__/startModelsServer';
import { CostTab } from './CostTab';

let server: Awaited<ReturnType<typeof startModelsServer>>;

beforeEach(async () => {
  server = await startModelsServer();
});

afterEach(() => server.stop());

const entity = (kind: string, spec: Entity['spec'] = {}): Entity => ({
  apiVersion: 'x/v1',
  kind,
  metadata: { name: 'orders', namespace: 'default', title: 'Orders' },
  spec,
});

const show = (of: Entity) =>
  renderWithModels(
    <EntityProvider entity={of}>
      <CostTab />
    </EntityProvider>,
    server.url,
  );

describe('the Cost tab', () => {
  it.each([
    ['Agent', 'agentRef', 'agent:default/orders', 'agent'],
    ['System', 'systemRef', 'system:default/orders', 'system'],
    ['Domain', 'domainRef', 'domain:default/orders', 'domain'],
    ['Group', 'ownerRef', 'group:default/orders', 'owner'],
  ] as const)(
    'shows the cost of a %s with its budgets',
    async (kind, field, ref, type) => {
      server.state.costs = () => [cost('openai/gpt-5.1', 3)];
      server.state.budgets = [
        budget('own', { scope: { type, ref } }),
        budget('other', { scope: { type, ref: 'other:default/x' } }),
      ];
      await show(entity(kind));
      const budgets = within(
        await screen.findByRole('region', { name: 'Budgets' }),
      );
      expect(await budgets.findAllByRole('listitem')).toHaveLength(1);
      expect(server.state.asked.length).toBeGreaterThan(0);
      for (const query of server.state.asked) {
        expect(query.get(field)).toBe(ref);
      }
      await userEvent.click(
        budgets.getByRole('button', { name: 'Set a budget' }),
      );
      const dialog = await openDialog();
      await userEvent.type(
        dialog.getByRole('textbox', { name: /Limit in USD/ }),
        '7',
      );
      expect(
        dialog.getByText(/Orders may spend 7\.00 USD a month/),
      ).toBeInTheDocument();
      await userEvent.click(
        dialog.getByRole('button', { name: 'Set the budget' }),
      );
      expect(await budgets.findByText(/7\.00 USD a month/)).toBeInTheDocument();
      expect(server.state.budgets.at(-1)?.scope).toEqual({ type, ref });
    },
  );

  it('does not offer a budget to whoever may not set one', async () => {
    server.state.mayCreate = false;
    await show(entity('System'));
    expect(
      await screen.findByText(/Nothing limits what Orders spends/),
    ).toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: 'Set a budget' }),
    ).not.toBeInTheDocument();
  });

  it('says what an agent remembers, and makes it forget', async () => {
    server.state.remembered = [
      {
        agentRef: 'agent:default/orders',
        entries: 12,
        bytes: 9_000,
        hits: 40,
        savedNanoUsd: 2_250_000_000,
        lastUsedAt: '2026-11-20T10:00:00.000Z',
      },
    ];
    await show(entity('Agent'));
    const memory = within(
      await screen.findByRole('region', { name: 'Answers from memory' }),
    );
    expect(
      memory.getByText(/remembers 12 answers.*40 times.*\$2\.25/),
    ).toBeInTheDocument();
    await userEvent.click(memory.getByRole('button', { name: 'Forget them' }));
    const dialog = await openDialog();
    await userEvent.click(dialog.getByRole('button', { name: 'Forget them' }));
    expect(
      await screen.findByText('12 answers forgotten.'),
    ).toBeInTheDocument();
    expect(server.state.remembered).toEqual([]);
  });

  it('is silent about memory where there is none', async () => {
    await show(entity('Agent'));
    expect(
      await screen.findByRole('region', { name: 'Rate limits' }),
    ).toBeInTheDocument();
    expect(
      screen.queryByRole('region', { name: 'Answers from memory' }),
    ).not.toBeInTheDocument();
  });
});
