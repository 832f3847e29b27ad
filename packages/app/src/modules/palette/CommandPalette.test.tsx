import type { Entity } from '@backstage/catalog-model';
import { coreApis } from '@backstage/frontend-plugin-api';
import { renderInTestApp } from '@backstage/frontend-test-utils';
import { catalogApiRef, entityRouteRef } from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useLocation } from 'react-router-dom';
import { CommandPalette } from './CommandPalette';

jest.setTimeout(60_000);

const thing = (kind: string, name: string, title: string): Entity => ({
  apiVersion: 'test/v1',
  kind,
  metadata: { name, namespace: 'default', title },
  spec: { profile: kind === 'User' ? { displayName: title } : undefined },
});

function Place() {
  return <output>{useLocation().pathname}</output>;
}

async function open(runs: object[] = []) {
  await renderInTestApp(
    <>
      <CommandPalette
        pages={[
          { id: 'page:agents', title: 'Agents', href: '/agents' },
          { id: 'page:orchestration', title: 'Runs', href: '/runs' },
          { id: 'page:scaffolder', title: 'Create', href: '/create' },
        ]}
      >
        {show => (
          <button type="button" onClick={show}>
            Search
          </button>
        )}
      </CommandPalette>
      <Place />
    </>,
    {
      mountPath: '/*',
      mountedRoutes: { '/catalog/:namespace/:kind/:name': entityRouteRef },
      apis: [
        [
          catalogApiRef,
          catalogApiMock({
            entities: [
              thing('Agent', 'order-desk', 'Order Desk'),
              thing('Tool', 'orders.find', 'Find order'),
              thing('Tool', 'orders.refund', 'Order refund'),
              thing('User', 'ora', 'Ora Derby'),
              thing('Agent', 'leave', 'Leave Desk'),
            ],
          }),
        ],
        [coreApis.discovery, { getBaseUrl: async () => 'http://portal.test' }],
        [
          coreApis.fetch,
          {
            fetch: async () =>
              new Response(JSON.stringify({ items: runs }), {
                headers: { 'content-type': 'application/json' },
              }),
          },
        ],
      ],
    },
  );
  await userEvent.keyboard('{Control>}k{/Control}');
  return screen.findByRole('combobox');
}

it('finds each thing once, grouped, and goes there by keyboard', async () => {
  const input = await open([
    {
      id: 'run-1',
      agentTitle: 'Order Desk',
      input: { message: 'Where is order NH-1?' },
    },
    { id: 'run-2', agentTitle: 'Leave Desk', input: { message: 'Days off?' } },
  ]);
  expect(input).toHaveFocus();
  await userEvent.type(input, 'order');
  const list = within(screen.getByRole('listbox'));
  await waitFor(() =>
    expect(
      list.getAllByRole('group').map(each => each.getAttribute('aria-label')),
    ).toEqual(['Actions', 'Agents', 'Tools', 'Latest runs']),
  );
  const names = list.getAllByRole('option').map(each => each.textContent);
  expect(names).toEqual([
    'Chat with Order Desk',
    expect.stringMatching(/^Order Desk/),
    // What begins with the words is first.
    expect.stringMatching(/^Order refund/),
    expect.stringMatching(/^Find order/),
    expect.stringMatching(/^Where is order NH-1\?/),
  ]);
  await userEvent.keyboard('{ArrowDown}');
  expect(input.getAttribute('aria-activedescendant')).toBe(
    list.getAllByRole('option')[1].id,
  );
  await userEvent.keyboard('{Enter}');
  expect(screen.queryByRole('combobox')).toBeNull();
  expect(screen.getByRole('status', { name: '' })).toHaveTextContent(
    '/catalog/default/agent/order-desk',
  );
});

it('says so when nothing is called that, and offers pages before anything is typed', async () => {
  const input = await open();
  const list = within(screen.getByRole('listbox'));
  expect(list.getAllByRole('option').map(each => each.textContent)).toEqual([
    'Create an agent',
    'Agents',
    'Create',
    'Runs',
  ]);
  await userEvent.type(input, 'xyzzy');
  expect(
    await screen.findByText('Nothing is called "xyzzy". Try fewer letters.'),
  ).toBeVisible();
});
