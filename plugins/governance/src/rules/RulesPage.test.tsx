import type {
  RuleReport,
  RuleSimulation,
  RuleText,
} from '@agentportal/plugin-agents-common';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { renderWithAudit } from '../__testUtils__/renderWithAudit';
import { RulesPage } from './RulesPage';

jest.setTimeout(60_000);

const REFUNDS: RuleText = {
  name: 'portal/refunds',
  source: 'portal',
  mode: 'log',
  text: '@id("limit") …',
  version: 3,
  changedAt: '2026-11-27T10:00:00.000Z',
  changedBy: 'user:default/dana.reyes',
  rules: [
    {
      id: 'portal/refunds#limit',
      reason: 'Refunds are 200 EUR at most.',
      mode: 'enforce',
    },
  ],
  problems: [],
};
const FREEZE: RuleText = {
  ...REFUNDS,
  name: 'git/freeze',
  source: 'git',
  mode: 'enforce',
  changedAt: '2020-01-01T10:00:00.000Z',
  rules: [{ id: 'git/freeze#all', reason: 'There is a freeze.', mode: 'log' }],
  problems: [{ message: 'There is no tool crm.refnd.', line: 4, column: 9 }],
};

const call = (n: number): RuleSimulation['items'][number] => ({
  callId: `call-${n}`,
  at: '2026-11-27T10:00:00.000Z',
  agentRef: 'agent:default/order-desk',
  toolRef: 'tool:default/crm.refund',
  args: { amount: 300 + n },
  reasons: ['Refunds are 200 EUR at most.'],
  ruleIds: ['portal/refunds#limit'],
});

describe('the Rules page', () => {
  let server: Server;
  let url: string;
  let texts: RuleText[];
  let report: RuleReport['items'];
  let isBroken: boolean;
  /** What was sent, by method and path. */
  let sent: Array<{ asks: string; body: any }>;

  const simulate = ({ offset, text }: any): RuleSimulation => ({
    summary: 'Would have refused 2 of 3,120 calls.',
    calls: 3_120,
    judged: 3_120,
    wouldRefuse: 2,
    truncated: false,
    problems: text.includes('refnd')
      ? [{ message: 'There is no tool crm.refnd.', line: 2, column: 5 }]
      : [],
    items: [call(offset)],
    ...(offset === 0 && { nextOffset: 1 }),
  });
  beforeAll(async () => {
    server = createServer(async (request, response) => {
      let text = '';
      for await (const chunk of request) text += chunk;
      const body = text ? JSON.parse(text) : undefined;
      const { pathname } = new URL(request.url!, 'http://x');
      const asks = `${request.method} ${pathname}`;
      if (request.method !== 'GET') sent.push({ asks, body });
      const answer = () => {
        switch (asks) {
          case 'GET /rules':
            return { items: texts };
          case 'GET /rules/report':
            return { items: report };
          case 'GET /rules/portal/refunds/versions':
            return {
              items: [
                {
                  version: 2,
                  text: '@id("older") …',
                  mode: 'enforce',
                  comment: 'Too many refunds',
                  changedAt: '2026-11-20T10:00:00.000Z',
                  changedBy: 'user:default/dana.reyes',
                },
              ],
            };
          case 'DELETE /rules/portal/refunds':
            texts = [];
            return {};
          case 'POST /rules/simulate':
            return simulate(body);
          default:
            texts = [{ ...texts[0], mode: body.mode, version: 4 }];
            return texts[0];
        }
      };
      response.writeHead(isBroken ? 503 : 200, {
        'content-type': 'application/json',
      });
      response.end(
        JSON.stringify(
          isBroken
            ? { error: { name: 'ServiceUnavailableError', message: 'Away.' } }
            : answer(),
        ),
      );
    });
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    texts = [REFUNDS, FREEZE];
    report = [
      {
        ruleId: 'portal/refunds#limit',
        refused: 0,
        wouldHaveRefused: 1_014,
        examples: [],
      },
    ];
    sent = [];
    isBroken = false;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise(done => server.close(done));
  });

  const open = (options?: { path?: string; denied?: string[] }) =>
    renderWithAudit(<RulesPage />, url, options);

  it('says of each text what it does, what it did, and what is wrong with it', async () => {
    await open();
    const refunds = await screen.findByRole('region', { name: 'refunds' });
    expect(refunds).toHaveTextContent('Log only');
    expect(refunds).toHaveTextContent('Refunds are 200 EUR at most.');
    expect(
      await within(refunds).findByText(
        /would have refused 1,014 calls in 7 days/,
      ),
    ).toBeVisible();
    const freeze = screen.getByRole('region', { name: 'freeze' });
    expect(freeze).toHaveTextContent('Kept in Git; change it there');
    expect(freeze).toHaveTextContent('matched nothing in 7 days');
    // Nothing was refused yet.
    expect(screen.queryByRole('link', { name: 'See them' })).toBeNull();
    // A rule may be milder than its text.
    expect(within(freeze).getByText('Enforced')).toBeVisible();
    expect(within(freeze).getByText('Log only')).toBeVisible();
    expect(freeze).toHaveTextContent(
      'Line 4: There is no tool crm.refnd. What was in force before still is.',
    );
    expect(
      within(freeze).queryByRole('button', { name: 'Only log' }),
    ).toBeNull();
  });

  it('enforces a text with a reason, after telling what it would have refused', async () => {
    await open();
    const refunds = await screen.findByRole('region', { name: 'refunds' });
    await within(refunds).findByText(/1,014 calls/);
    await userEvent.click(
      within(refunds).getByRole('button', { name: 'Enforce' }),
    );
    const dialog = await screen.findByRole('dialog');
    expect(dialog).toHaveTextContent(
      'In the last 7 days it would have refused 1,014 calls.',
    );
    await userEvent.type(
      within(dialog).getByRole('textbox', { name: /Why/ }),
      'A week was quiet',
    );
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Enforce' }),
    );
    await waitFor(() =>
      expect(screen.getByRole('region', { name: 'refunds' })).toHaveTextContent(
        'Enforced',
      ),
    );
    expect(sent).toEqual([
      {
        asks: 'PUT /rules/portal/refunds',
        body: {
          text: REFUNDS.text,
          version: 3,
          mode: 'enforce',
          comment: 'A week was quiet',
        },
      },
    ]);
  });

  it('tries a text on recorded calls, shows those that it would have refused, and forgets them when the text changes', async () => {
    await open({ path: '/audit?text=portal%2Frefunds' });
    const trial = await screen.findByRole('region', {
      name: 'Try it on recorded calls',
    });
    await userEvent.click(
      within(trial).getByRole('button', { name: 'Try it on them' }),
    );
    expect(
      await within(trial).findByText('Would have refused 2 of 3,120 calls.'),
    ).toBeVisible();
    expect(within(trial).getByText('{"amount":300}')).toBeVisible();
    await userEvent.click(
      within(trial).getByRole('button', { name: 'Show more of them' }),
    );
    expect(await within(trial).findByText('{"amount":301}')).toBeVisible();
    expect(sent.map(({ body }) => body.offset)).toEqual([0, 1]);
    expect(sent[1].body.to).toBe(sent[0].body.to);

    await userEvent.type(
      screen.getByRole('textbox', { name: /Rules in Cedar/ }),
      ' refnd',
    );
    expect(within(trial).queryByText(/Would have refused/)).toBeNull();
    await userEvent.click(
      within(trial).getByRole('button', { name: 'Try it on them' }),
    );
    expect(await within(trial).findByText('Line 2, column 5')).toBeVisible();
    await userEvent.click(
      within(trial).getByRole('button', { name: 'Show line 2' }),
    );
    expect(
      screen.getByRole('textbox', { name: /Rules in Cedar/ }),
    ).toHaveFocus();
    // What is known to be refused is not offered, until the text is another.
    const saves = screen.getAllByRole('button', { name: /^Save/ });
    expect(saves).toHaveLength(2);
    saves.forEach(save => expect(save).toBeDisabled());
    expect(document.body).toHaveTextContent('cannot be saved with the mistake');
    expect(trial).toHaveTextContent('There is no tool crm.refnd.');
    await userEvent.type(
      screen.getByRole('textbox', { name: /Rules in Cedar/ }),
      '{Backspace}',
    );
    saves.forEach(save => expect(save).toBeEnabled());
  });

  it('leads from what a rule refused to the entries of it, and says of a new text that it matched nothing yet', async () => {
    texts = [
      { ...REFUNDS, mode: 'enforce' },
      { ...FREEZE, changedAt: new Date().toISOString() },
    ];
    report[0].refused = 3;
    await open();
    const refunds = await screen.findByRole('region', { name: 'refunds' });
    expect(
      await within(refunds).findByRole('link', { name: 'See them' }),
    ).toHaveAttribute(
      'href',
      '/audit/entries?range=7d&outcome=denied&q=portal%2Frefunds%23limit',
    );
    expect(screen.getByRole('region', { name: 'freeze' })).toHaveTextContent(
      'matched nothing yet',
    );
  });

  it('switches a text off with a reason', async () => {
    await open();
    const refunds = await screen.findByRole('region', { name: 'refunds' });
    await userEvent.click(
      within(refunds).getByRole('button', { name: 'Switch off' }),
    );
    const dialog = await screen.findByRole('dialog');
    await userEvent.type(
      within(dialog).getByRole('textbox', { name: /Why/ }),
      'The sale is over',
    );
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Switch off' }),
    );
    await waitFor(() =>
      expect(sent).toMatchObject([
        { asks: 'PUT /rules/portal/refunds', body: { mode: 'off' } },
      ]),
    );
  });

  it('removes a text after asking why', async () => {
    await open();
    const refunds = await screen.findByRole('region', { name: 'refunds' });
    await userEvent.click(
      within(refunds).getByRole('button', { name: 'Remove' }),
    );
    const dialog = await screen.findByRole('dialog');
    const remove = within(dialog).getByRole('button', { name: 'Remove it' });
    expect(remove).toBeDisabled();
    await userEvent.type(
      within(dialog).getByRole('textbox', { name: /Why/ }),
      'Said elsewhere now',
    );
    await userEvent.click(remove);
    await waitFor(() =>
      expect(sent).toMatchObject([{ asks: 'DELETE /rules/portal/refunds' }]),
    );
  });

  it('shows what a text was before and why, and takes an old one up again', async () => {
    await open({ path: '/audit?text=portal%2Frefunds' });
    const history = await screen.findByRole('region', { name: 'History' });
    expect(
      await within(history).findByRole('row', { name: /Too many refunds/ }),
    ).toHaveTextContent('dana.reyes');
    await userEvent.click(
      within(history).getByRole('button', {
        name: 'Take the text of version 2',
      }),
    );
    expect(screen.getByRole('textbox', { name: /Rules in Cedar/ })).toHaveValue(
      '@id("older") …',
    );
    expect(sent).toEqual([]);
  });

  it('saves a new text, log only', async () => {
    texts = [];
    await open();
    await userEvent.click(
      await screen.findByRole('button', { name: 'Write rules' }),
    );
    const save = screen.getByRole('button', { name: 'Save, log only' });
    const name = screen.getByRole('textbox', { name: /Name/ });
    await userEvent.type(name, 'Night Rules');
    expect(save).toBeDisabled();
    await userEvent.clear(name);
    await userEvent.type(name, 'night');
    await userEvent.click(save);
    await userEvent.type(
      await screen.findByRole('textbox', { name: /Why/ }),
      'Asked for by the night shift',
    );
    await userEvent.click(screen.getByRole('button', { name: 'Only log' }));
    await waitFor(() =>
      expect(sent).toMatchObject([
        {
          asks: 'PUT /rules/portal/night',
          body: { version: 0, mode: 'log' },
        },
      ]),
    );
  });

  it('offers nothing to change to who may only read', async () => {
    await open({
      path: '/audit?text=portal%2Frefunds',
      denied: ['agents.rule.manage'],
    });
    await screen.findByRole('region', { name: 'refunds' });
    expect(screen.queryByRole('button')).toBeNull();
  });

  it('does not ask who may only read to write some', async () => {
    texts = [];
    await open({ denied: ['agents.rule.manage'] });
    await screen.findByText('There are no rules yet');
    expect(document.body).toHaveTextContent(
      'Rules are written by those who run the portal',
    );
    expect(document.body).not.toHaveTextContent('Write rules');
  });

  it('teaches what to do where there are none, and says what is safe when they cannot be read', async () => {
    texts = [];
    await open();
    expect(await screen.findByText('There are no rules yet')).toBeVisible();
    expect(document.body).toHaveTextContent('Write rules here');
    isBroken = true;
    await open();
    expect(
      await screen.findByText('The rules could not be read'),
    ).toBeVisible();
    expect(document.body).toHaveTextContent(
      'Those that were in force stay so at every door.',
    );
  });
});
