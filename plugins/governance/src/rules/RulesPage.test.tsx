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
      if (body) sent.push({ asks, body });
      const answer = () => {
        switch (asks) {
          case 'GET /rules':
            return { items: texts };
          case 'GET /rules/report':
            return { items: report };
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

  it('teaches what to do where there are none, and says what is safe when they cannot be read', async () => {
    texts = [];
    await open();
    expect(await screen.findByText('There are no rules yet')).toBeVisible();
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
