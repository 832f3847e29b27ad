import type { ToolAutonomy } from '@agentportal/plugin-evals-common';
import { registerMswTestHooks } from '@backstage/test-utils';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import {
  AGENT,
  autonomy,
  openPage,
  serve,
  server,
} from '../__testUtils__/evalsServer';
import { AutonomySection } from './AutonomySection';

registerMswTestHooks(server);

const AT = '2026-11-20T19:00:00.000Z';

function tool(fields: Partial<ToolAutonomy> = {}): ToolAutonomy {
  return {
    toolRef: 'tool:default/mail.send',
    title: 'Send a mail',
    riskTier: 'external',
    standing: 'ready',
    ...{ unchanged: 59, changed: 0, rejected: 0, ignored: 2, counted: 59 },
    ...{ deciders: 3, people: 5, lowerBound: 0.95, target: 0.95 },
    missing: [],
    recent: [{ approvalId: 'a-1', decidedAt: AT, outcome: 'unchanged' }],
    ...fields,
  };
}

// What may be done with an agent is remembered for a while, so who may not sees another one.
const open = (mayManage = true) =>
  openPage(
    <AutonomySection
      agentRef={mayManage ? AGENT : 'agent:default/returns-desk'}
    />,
    { path: '/agent', mounted: '/agent', mayManage },
  );

it('shows what people decided, and what was shown is proposed by a person', async () => {
  let isProposed = false;
  const asked = serve({
    'GET /autonomy': () =>
      autonomy({
        tools: [
          tool({
            toolRef: 'tool:default/orders.cancel',
            title: 'Cancel an order',
            standing: 'asks',
            missing: ['12 more calls that people approve as they are.'],
          }),
          isProposed
            ? tool({ standing: 'waiting', waitingApprovalId: 'p-1' })
            : tool(),
        ],
      }),
    'POST /autonomy/proposals': () => {
      isProposed = true;
      return { approvalId: 'p-1', askedOf: ['group:default/ops'], title: 'x' };
    },
  });
  await open();
  // What there is to do about comes first.
  const [, first, second] = await screen.findAllByRole('row');
  expect(
    within(first).getByText('59 of 59 calls approved as they were'),
  ).toBeInTheDocument();
  expect(within(first).getByText(/2 do not count/)).toBeInTheDocument();
  expect(within(second).getByText(/12 more calls/)).toBeInTheDocument();
  expect(within(second).queryByRole('button')).toBeNull();
  await userEvent.click(within(first).getByText('Newest decisions'));
  expect(
    within(first).getByRole('link', { name: 'Approved as it was' }),
  ).toHaveAttribute('href', '/all-approvals?view=all&status=any&id=a-1');

  await userEvent.click(within(first).getByRole('button', { name: 'Propose' }));
  const dialog = await screen.findByRole('dialog');
  expect(within(dialog).getByText(/5 % of these calls/)).toBeInTheDocument();
  await userEvent.click(
    within(dialog).getByRole('button', { name: 'Propose' }),
  );
  expect(
    await screen.findByRole('link', { name: 'The request' }),
  ).toHaveAttribute('href', '/all-approvals?view=all&status=any&id=p-1');
  expect(asked.find(({ method }) => method === 'POST')!.body).toEqual({
    agentRef: AGENT,
    toolRef: 'tool:default/mail.send',
  });
});

it('takes back only with a reason, and only by who may', async () => {
  const earned = {
    ...{ approvalId: 'p-1', askedShare: 0.05, createdAt: AT },
  };
  const held = autonomy({ tools: [tool({ standing: 'earned', earned })] });
  const asked = serve({
    'GET /autonomy': held,
    'POST /autonomy/end': held,
  });
  const { unmount } = await open(false);
  await screen.findByText('Without asking, as it has earned');
  expect(screen.queryByRole('button', { name: 'Ask again' })).toBeNull();
  unmount();
  await open();
  await userEvent.click(
    await screen.findByRole('button', { name: 'Ask again' }),
  );
  const dialog = await screen.findByRole('dialog');
  const send = within(dialog).getByRole('button', { name: 'Ask again' });
  expect(send).toBeDisabled();
  await userEvent.type(within(dialog).getByRole('textbox'), 'Too bold.');
  await userEvent.click(send);
  await waitFor(() =>
    expect(asked.at(-1)).toMatchObject({ path: '/autonomy' }),
  );
  expect(asked.find(({ method }) => method === 'POST')!.body).toMatchObject({
    reason: 'Too bold.',
  });
});
